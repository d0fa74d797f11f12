import { parseRecord } from "../../../protocol/json.ts";
import {
  parseCheckUpdateAnswer,
  parseNonceAnswer,
  parseOfferedManifest,
} from "../../../protocol/update-messages.ts";
import { asciiBody } from "../ascii-body.ts";
import { GATE_REQUEST_MS, GATE_RETRY_PAUSE_MS, GATE_TRIAL_BYTES } from "../limits.ts";
import type { Entropy, FlashPartition, Http, HttpResult, ManifestKeys, Time } from "../ports.ts";
import { verifiedManifest } from "./offer-check.ts";
import type { UpdateServer } from "./update-server.ts";
import type { GateFailure } from "./update-state.ts";

/** The image whose fitness is asked for: the running one on trial, or the one about to be. */
export interface GateSubject {
  readonly version: string;
  readonly elfSha256: string;
  /** Where its bytes are on this board. */
  readonly image: Pick<FlashPartition, "read">;
  /** Its own manifest; undefined for one that has none: then only the server is asked for. */
  readonly jws: string | undefined;
}

interface GatePorts {
  readonly time: Time;
  readonly entropy: Entropy;
  readonly http: Http;
  readonly manifestKeys: ManifestKeys;
  isOnline(): boolean;
}

type Step = "nonce" | "check_update" | "manifest" | "trial";
type Answer =
  | { readonly kind: "next"; readonly url?: string }
  | { readonly kind: "failed"; readonly failure: GateFailure };

/**
 * Can this image be updated again? It must read its own signed manifest with the keys it has, reach the server, be
 * answered, find its release there and download a piece of it. Only the first is evidence against the image: whoever
 * sits on the way can give any answer to the others, which are tried again until the deadline.
 */
export function passGate(
  ports: GatePorts,
  server: UpdateServer,
  subject: GateSubject,
  deadlineMs: number,
  done: (failure: GateFailure | undefined) => void,
): void {
  new HealthGate(ports, server, subject, deadlineMs, done).start();
}

class HealthGate {
  readonly #ports: GatePorts;
  readonly #server: UpdateServer;
  readonly #subject: GateSubject;
  readonly #deadlineMs: number;
  readonly #done: (failure: GateFailure | undefined) => void;
  #imageUrl = "";

  constructor(
    ports: GatePorts,
    server: UpdateServer,
    subject: GateSubject,
    deadlineMs: number,
    done: (failure: GateFailure | undefined) => void,
  ) {
    this.#ports = ports;
    this.#server = server;
    this.#subject = subject;
    this.#deadlineMs = deadlineMs;
    this.#done = done;
  }

  start(): void {
    const { jws, elfSha256 } = this.#subject;
    if (jws !== undefined && !this.isOwn(jws, elfSha256)) return this.#done("self_test_failed");
    if (this.#ports.isOnline()) this.ask("nonce");
    else this.failed("network_unreachable");
  }

  /** With the keys of the image that runs: one that cannot read its own manifest could read no other. */
  private isOwn(jws: string, elfSha256: string): boolean {
    const manifest = verifiedManifest(jws, this.#ports.manifestKeys);
    return typeof manifest === "object" && manifest.elfSha256 === elfSha256;
  }

  private nonce(): string {
    return Math.floor(this.#ports.entropy.uniform() * 2 ** 48).toString(36);
  }

  private ask(step: Step): void {
    const nonce = this.nonce();
    const trial = step === "trial" ? new TrialSink(this.#subject.image) : undefined;
    const request = { ...this.request(step, nonce), timeoutMs: GATE_REQUEST_MS };
    const withSink = trial === undefined ? request : { ...request, sink: trial };
    this.#ports.http.request(withSink, (result) => {
      const answer = trial === undefined ? this.read(step, result, nonce) : trial.answer(result);
      if (answer.kind === "failed") return this.failed(answer.failure);
      this.#imageUrl = answer.url ?? this.#imageUrl;
      // From a timer, so that nothing of this exchange is alive during the next: 2 KB of the heap.
      this.#ports.time.after(0, () => this.passed(step));
    });
  }

  private request(step: Step, nonce: string) {
    const { apiBase } = this.#server;
    switch (step) {
      case "nonce":
        return post(`${apiBase}/v1/ota/heartbeat`, this.#server.heartbeat(nonce));
      case "check_update":
        return post(`${apiBase}/api/v1/check-update`, this.#server.checkUpdate());
      case "manifest":
        return {
          ...get(`${apiBase}/firmware/${this.#subject.version}/manifest`, []),
          asDevice: true,
        } as const;
      case "trial":
        return get(this.#imageUrl, [["Range", `bytes=0-${GATE_TRIAL_BYTES - 1}`]]);
    }
  }

  private read(step: Step, result: HttpResult, nonce: string): Answer {
    if (result.kind === "failed") return failed("server_unreachable");
    if (result.status === 410) return failed("release_blocked");
    if (result.status !== 200) return failed("server_unreachable");
    if (step === "manifest") return this.readManifest(result.body);
    if (step === "check_update") {
      const answer = parseCheckUpdateAnswer(result.body);
      return answer === undefined ? failed("server_unreachable") : { kind: "next" };
    }
    const timeMs = parseNonceAnswer(result.body, nonce);
    if (timeMs === undefined) return failed("server_unreachable");
    this.#server.learnTime(timeMs);
    return { kind: "next" };
  }

  private readManifest(body: string): Answer {
    const offer = parseOfferedManifest(parseRecord(body));
    const isOwn = offer !== undefined && this.isOwn(offer.jws, this.#subject.elfSha256);
    return isOwn ? { kind: "next", url: offer.url } : failed("server_unreachable");
  }

  private passed(step: Step): void {
    if (step === "nonce") this.ask("check_update");
    else if (step === "check_update" && this.#subject.jws !== undefined) this.ask("manifest");
    else if (step === "manifest") this.ask("trial");
    else this.#done(undefined);
  }

  private failed(failure: GateFailure): void {
    const { time } = this.#ports;
    const isFinal = failure === "release_blocked";
    if (isFinal || time.monotonicMs() + GATE_RETRY_PAUSE_MS >= this.#deadlineMs) {
      return this.#done(failure);
    }
    time.after(GATE_RETRY_PAUSE_MS, () => this.start());
  }
}

/** The first bytes of the release must be those of the image on this board. */
class TrialSink {
  readonly idleTimeoutMs = GATE_REQUEST_MS;
  readonly #image: Pick<FlashPartition, "read">;
  readonly #bytes = new Uint8Array(GATE_TRIAL_BYTES);
  #count = 0;
  #status = 0;

  constructor(image: Pick<FlashPartition, "read">) {
    this.#image = image;
  }

  begin(status: number): boolean {
    this.#status = status;
    return status === 206;
  }

  write(bytes: Uint8Array): boolean {
    if (this.#count + bytes.length > GATE_TRIAL_BYTES) return false;
    this.#bytes.set(bytes, this.#count);
    this.#count += bytes.length;
    return true;
  }

  answer(result: HttpResult): Answer {
    if (this.#status === 410) return failed("release_blocked");
    if (result.kind === "failed") return failed("server_unreachable");
    const own = new Uint8Array(GATE_TRIAL_BYTES);
    this.#image.read(0, own);
    const isSame = this.#status === 206 && this.#count === GATE_TRIAL_BYTES;
    const differs = !isSame || own.some((byte, at) => byte !== this.#bytes[at]);
    return differs ? failed("server_unreachable") : { kind: "next" };
  }
}

function failed(failure: GateFailure): Answer {
  return { kind: "failed", failure };
}

function post(url: string, body: object) {
  const headers = [["Content-Type", "application/json"]] as const;
  const text = JSON.stringify(body);
  return { method: "POST", url, headers, asDevice: true, body: asciiBody(text) } as const;
}

function get(url: string, headers: readonly (readonly [string, string])[]) {
  return { method: "GET", url, headers } as const;
}
