import { parseRecord } from "../../../protocol/json.ts";
import type { UpdateOutcome, UpdateReport } from "../../../protocol/update-messages.ts";
import type { UpdateReason } from "../../../protocol/update-reasons.ts";
import { asciiBody } from "../ascii-body.ts";
import { RESULTS_MAX, UPDATE_REQUEST_MS } from "../limits.ts";
import type { Http } from "../ports.ts";
import type { UpdateStore } from "./update-store.ts";

export interface Outcome {
  readonly status: UpdateOutcome;
  readonly version: string;
  readonly elfSha256: string;
  readonly sequence: number;
  readonly reason?: UpdateReason;
  /** Of the attempt it ended; without one it is named anew. */
  readonly id?: string;
}

export interface ResultsContext {
  readonly deviceId: string;
  readonly server: { readonly apiBase: string };
  makeId(): string;
}

/**
 * Results wait until the server has them. Those of an image that was here wait on flash: a feeder that came back must be
 * able to say why. Refusals, which any offer brings, wait in RAM and take nobody's place.
 */
export class UpdateResults {
  readonly #http: Http;
  readonly #store: UpdateStore;
  readonly #context: ResultsContext;
  #refusals: UpdateReport[] = [];
  #sending = false;

  constructor(http: Http, store: UpdateStore, context: ResultsContext) {
    this.#http = http;
    this.#store = store;
    this.#context = context;
  }

  add({ status, version, elfSha256, sequence, reason, id }: Outcome): void {
    const { deviceId, makeId } = this.#context;
    const reportId = `${id ?? makeId()}-${status}`;
    const error = reason === undefined ? {} : { error: reason };
    const who = { deviceId, mac: deviceId };
    const report = { reportId, ...who, version, elfSha256, sequence, status, ...error };
    if (status === "refused") this.#refusals = [...this.#refusals, report].slice(-RESULTS_MAX);
    else this.#store.addResult(report);
  }

  /** One at a time, oldest first; what fails is sent at the next occasion. */
  send(): void {
    const next = this.#store.results[0] ?? this.#refusals[0];
    if (next === undefined || this.#sending) return;
    this.#sending = true;
    const request = {
      method: "POST",
      url: `${this.#context.server.apiBase}/api/v1/report-status`,
      headers: [["Content-Type", "application/json"]],
      asDevice: true,
      body: asciiBody(JSON.stringify(next)),
      timeoutMs: UPDATE_REQUEST_MS,
    } as const;
    this.#http.request(request, (result) => {
      this.#sending = false;
      if (result.kind === "failed" || !isFinal(result.status, result.body)) return;
      this.#refusals = this.#refusals.filter(({ reportId }) => reportId !== next.reportId);
      this.#store.dropResult(next.reportId);
      this.send();
    });
  }
}

/** Taken by the server itself, not by some page on the way; or no report at all to it, which repeating does not change. */
function isFinal(status: number, body: string): boolean {
  const isTaken = status >= 200 && status < 300 && parseRecord(body)?.ok === true;
  return isTaken || status === 400 || status === 422;
}
