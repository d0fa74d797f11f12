import { parseTokenAnswer } from "../../../protocol/enrolment.ts";
import { TOKEN_LOOK_MS, TOKEN_REQUEST_MS } from "../limits.ts";
import type { HttpLane, HttpResult, Ports } from "../ports.ts";
import { isRenewalDue, readTokenLife } from "./token-life.ts";
import type { TokenStore } from "./token-store.ts";

const DAY_MS = 86_400_000;

interface KnownServer {
  readonly apiBase: string;
  wallClockMs(monotonicMs: number): number | undefined;
}

/** Gets the next token while the old one is good. Once a day at most, and when it fails tomorrow is another day. */
export class TokenRenewal {
  readonly #ports: Pick<Ports, "time" | "log"> & { readonly http: HttpLane };
  readonly #server: KnownServer;
  readonly #tokens: TokenStore;
  readonly #isConnected: () => boolean;

  constructor(
    ports: Pick<Ports, "time" | "log"> & { readonly http: HttpLane },
    server: KnownServer,
    tokens: TokenStore,
    isConnected: () => boolean,
  ) {
    this.#ports = ports;
    this.#server = server;
    this.#tokens = tokens;
    this.#isConnected = isConnected;
    this.lookAgain();
  }

  /** Each time the session is up, and once a day while it stays up. */
  look(): void {
    const { token, triedOnDay } = this.#tokens;
    const nowMs = this.#server.wallClockMs(this.#ports.time.monotonicMs());
    if (token === undefined || nowMs === undefined) return;
    const life = readTokenLife(token);
    const day = Math.floor(nowMs / DAY_MS);
    if (life === undefined || !isRenewalDue(life, nowMs) || day === triedOnDay) return;
    this.#tokens.tried(day);
    this.#ports.http.takeTurn((leave) => this.ask(leave));
  }

  private lookAgain(): void {
    this.#ports.time.after(TOKEN_LOOK_MS, () => {
      this.lookAgain();
      if (this.#isConnected()) this.look();
    });
  }

  private ask(leave: () => void): void {
    const request = {
      method: "POST",
      url: `${this.#server.apiBase}/v1/device-token`,
      headers: [],
      asDevice: true,
      timeoutMs: TOKEN_REQUEST_MS,
    } as const;
    this.#ports.http.request(request, (result) => {
      leave();
      this.answered(result);
    });
  }

  /** One that ends sooner was signed by a clock that is wrong, and would be void as soon as that is put right. */
  private answered(result: HttpResult): void {
    const isAnswer = result.kind === "answered" && result.status === 200;
    const next = isAnswer ? parseTokenAnswer(result.body) : undefined;
    // Gone meanwhile: the feeder was told of another server, which this token is not for.
    const { token } = this.#tokens;
    const isLater = next !== undefined && token !== undefined && endMs(next) > endMs(token);
    if (isLater) this.#tokens.keep(next);
    this.#ports.log.write(
      isLater ? "info" : "warn",
      "identity",
      isLater ? "token renewed" : "token not renewed",
    );
  }
}

function endMs(token: string): number {
  return readTokenLife(token)?.expiresAtMs ?? 0;
}
