import { type Beginning, FirstOf } from "./first-of.ts";

/** An HTTP exchange of the feeder, as the trace has it. */
export interface Exchange {
  readonly fromMs: number;
  /** Method and the beginning of the path. */
  readonly request: string;
  readonly sentBytes: number;
  /** None came when there is none. */
  readonly answer?: Answered;
}

interface Answered {
  readonly atMs: number;
  readonly status: number;
  /** Unknown of an answer in chunks. */
  readonly bytes?: number;
}

interface Asked {
  readonly fromMs: number;
  readonly request: string;
  readonly sentBytes: number;
  answer?: Answered;
}

const ASKED = /^([A-Z]+ \S+) (\d+)$/;
const ANSWERED = /^answer (\d+) (\d+|chunked) to (.+)$/;

/** Pairs requests with their answers: two may be on the way at once, but never two of the same name. */
export class ExchangeLog {
  readonly #exchanges = new FirstOf<Asked>();
  readonly #open = new Map<string, Asked>();

  see(atMs: number, what: string): void {
    const [, request, sentBytes] = ASKED.exec(what) ?? [];
    if (request !== undefined) return this.#ask(atMs, request, Number(sentBytes));
    const [, status, bytes, name = ""] = ANSWERED.exec(what) ?? [];
    const asked = this.#open.get(name);
    if (status === undefined || asked === undefined) return;
    this.#open.delete(name);
    const size = bytes === "chunked" ? {} : { bytes: Number(bytes) };
    asked.answer = { atMs, status: Number(status), ...size };
  }

  exchanges(): Beginning<Exchange> {
    return this.#exchanges.beginning();
  }

  #ask(fromMs: number, request: string, sentBytes: number): void {
    const asked: Asked = { fromMs, request, sentBytes };
    this.#exchanges.push(asked);
    this.#open.set(request, asked);
  }
}
