import { parseEnrolmentAnswer, parseTokenAnswer } from "../../../protocol/enrolment.ts";
import { parseRecord } from "../../../protocol/json.ts";
import { asciiBody } from "../ascii-body.ts";
import { ENROLMENT_REQUEST_MS } from "../limits.ts";
import type { HttpResult, Ports, TimerHandle } from "../ports.ts";
import {
  type EnrolmentEffect,
  type EnrolmentInput,
  type EnrolmentState,
  type PollVerdict,
  stepEnrolment,
} from "./enrolment-state.ts";
import type { TokenStore } from "./token-store.ts";

interface EnrolmentContext {
  readonly deviceId: string;
  /** What discovery is asked of. */
  readonly serverUrl: string;
}

/** What is on the log; undefined: somebody has said no. */
type Shown = (claimCode: string | undefined) => void;

/**
 * Asks to be let in, shows the claim code, and fetches the token when an operator has approved it. It takes the session's
 * place on the network, which has no connection meanwhile.
 */
export class Enrolment {
  readonly #ports: Pick<Ports, "time" | "http" | "log">;
  readonly #tokens: TokenStore;
  readonly #context: EnrolmentContext;
  #state: EnrolmentState = { kind: "none" };
  #timer: TimerHandle | undefined;
  /** Answers to an older one are stale. */
  #epoch = 0;
  #over = (): void => {};
  #shown: Shown = () => {};

  constructor(
    ports: Pick<Ports, "time" | "http" | "log">,
    tokens: TokenStore,
    context: EnrolmentContext,
  ) {
    this.#ports = ports;
    this.#tokens = tokens;
    this.#context = context;
  }

  /** The one to show to whoever wants one. */
  get token(): string | undefined {
    return this.#tokens.token;
  }

  /** `over`: discovery may be asked again. Not called after `stop`. */
  begin(over: () => void, shown: Shown = () => {}): void {
    this.#over = over;
    this.#shown = shown;
    this.take({ kind: "refused" });
  }

  stop(): void {
    this.#epoch++;
    this.#timer?.cancel();
    this.take({ kind: "stopped" });
  }

  private take(input: EnrolmentInput): void {
    const step = stepEnrolment(this.#state, input, this.#ports.time.monotonicMs());
    this.#state = step.state;
    for (const effect of step.effects) this.do(effect);
  }

  private do(effect: EnrolmentEffect): void {
    switch (effect.kind) {
      case "ask":
        return this.post("/v1/enrolment", {}, (result) =>
          this.take({ kind: "asked", answer: parseEnrolmentAnswer(bodyOf(result)) }),
        );
      case "poll":
        return this.post("/v1/enrolment/token", { deviceCode: effect.deviceCode }, (result) =>
          this.take({ kind: "polled", verdict: verdictOf(result) }),
        );
      case "show":
        this.#shown(effect.claimCode);
        return this.say("info", `claim code ${effect.claimCode}: waits to be approved`);
      case "wait":
        this.#timer = this.#ports.time.after(effect.delayMs, () => this.take({ kind: "waited" }));
        return;
      case "keep":
        this.#tokens.keep(effect.token);
        return this.say("info", "approved");
      case "denied":
        this.#shown(undefined);
        return this.say("warn", "turned away; asks again in an hour");
      case "over":
        return this.#over();
    }
  }

  private post(path: string, fields: object, answered: (result: HttpResult) => void): void {
    const epoch = ++this.#epoch;
    const { deviceId, serverUrl } = this.#context;
    const request = {
      method: "POST",
      url: `${serverUrl}${path}`,
      headers: [["Content-Type", "application/json"]],
      body: asciiBody(JSON.stringify({ deviceId, ...fields })),
      timeoutMs: ENROLMENT_REQUEST_MS,
    } as const;
    this.#ports.http.request(request, (result) => {
      if (epoch === this.#epoch) answered(result);
    });
  }

  private say(level: "info" | "warn", text: string): void {
    this.#ports.log.write(level, "identity", text);
  }
}

/** Empty unless it is a success. */
function bodyOf(result: HttpResult): string {
  return result.kind === "answered" && result.status === 200 ? result.body : "";
}

/** Whatever is no verdict of this server may be one of a page on the way to it. */
function verdictOf(result: HttpResult): PollVerdict {
  const token = parseTokenAnswer(bodyOf(result));
  if (token !== undefined) return { kind: "approved", token };
  const code = result.kind === "answered" ? parseRecord(result.body)?.code : undefined;
  if (code === "access_denied") return { kind: "denied" };
  return { kind: code === "expired_token" ? "expired" : "pending" };
}
