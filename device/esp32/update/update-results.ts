import type { UpdateOutcome } from "../../../protocol/update-messages.ts";
import type { UpdateReason } from "../../../protocol/update-reasons.ts";
import { asciiBody } from "../ascii-body.ts";
import { UPDATE_REQUEST_MS } from "../limits.ts";
import type { Http } from "../ports.ts";
import type { UpdateStore } from "./update-store.ts";

export interface Outcome {
  readonly status: UpdateOutcome;
  readonly version: string;
  readonly elfSha256: string;
  readonly sequence: number;
  readonly reason?: UpdateReason;
}

/** Results wait on flash until the server has them: a feeder that came back must be able to say why. */
export class UpdateResults {
  readonly #http: Http;
  readonly #store: UpdateStore;
  readonly #server: { readonly apiBase: string };
  readonly #deviceId: string;
  #sending = false;

  constructor(
    http: Http,
    store: UpdateStore,
    server: { readonly apiBase: string },
    deviceId: string,
  ) {
    this.#http = http;
    this.#store = store;
    this.#server = server;
    this.#deviceId = deviceId;
  }

  /** The same result again has the same name, so that a server counts it once. */
  add({ status, version, elfSha256, sequence, reason }: Outcome): void {
    const installs =
      this.#store.ledger.find((entry) => entry.elfSha256 === elfSha256)?.installs ?? 0;
    const build = elfSha256.slice(0, 16);
    const reportId = `${sequence}-${build}-${installs}-${status}-${reason ?? "ok"}`;
    const error = reason === undefined ? {} : { error: reason };
    const who = { deviceId: this.#deviceId, mac: this.#deviceId };
    this.#store.addResult({
      ...{ reportId, ...who, version, elfSha256, sequence, status },
      ...error,
    });
  }

  /** One at a time, oldest first; what fails is sent at the next occasion. */
  send(): void {
    const next = this.#store.results[0];
    if (next === undefined || this.#sending) return;
    this.#sending = true;
    const request = {
      method: "POST",
      url: `${this.#server.apiBase}/api/v1/report-status`,
      headers: [["Content-Type", "application/json"]],
      body: asciiBody(JSON.stringify(next)),
      timeoutMs: UPDATE_REQUEST_MS,
    } as const;
    this.#http.request(request, (result) => {
      this.#sending = false;
      if (result.kind === "failed" || !isFinal(result.status)) return;
      this.#store.dropResult(next.reportId);
      this.send();
    });
  }
}

/** Taken, or refused in a way that repeating does not change. */
function isFinal(status: number): boolean {
  return status < 500 && status !== 408 && status !== 429 && status !== 404;
}
