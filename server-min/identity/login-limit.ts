import type { Clock } from "../ports.ts";
import { MinuteLimit } from "./minute-limit.ts";

/** Guesses that cost nothing: whoever mistypes is not locked out. */
const FREE_TRIES = 5;
const FIRST_WAIT_MS = 1_000;
const WAIT_MAX_MS = 15 * 60 * 1000;
/** Memory for guessers; when there are more, the oldest may start anew, and all together are bounded. */
const NETWORKS_MAX = 1_000;
/** From everywhere together: some 43,000 guesses a day, each with its 50 ms of scrypt. */
const TRIES_A_MINUTE_MAX = 30;

interface Tries {
  readonly failed: number;
  readonly atMs: number;
  readonly waitMs: number;
}

/** Makes guessing a password slow: each network waits twice as long after every further wrong one. */
export class LoginLimit {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #byNetwork = new Map<string, Tries>();
  readonly #everybody: MinuteLimit;

  constructor(clock: Pick<Clock, "nowMs">) {
    this.#clock = clock;
    this.#everybody = new MinuteLimit(clock, TRIES_A_MINUTE_MAX);
  }

  /** How long this network has to wait before it may try; 0 when it may now, which counts as a try. */
  waitMs(network: string): number {
    const tries = this.#byNetwork.get(network);
    const passedMs = this.#clock.nowMs() - (tries?.atMs ?? 0);
    // Less than nothing: the server's clock was put back, and would keep its operator out for as long.
    if (tries !== undefined && passedMs >= 0 && passedMs < tries.waitMs)
      return tries.waitMs - passedMs;
    return this.#everybody.waitMs("everybody");
  }

  failed(network: string): void {
    const failed = (this.#byNetwork.get(network)?.failed ?? 0) + 1;
    const doublings = failed - FREE_TRIES;
    const waitMs = doublings < 0 ? 0 : Math.min(FIRST_WAIT_MS * 2 ** doublings, WAIT_MAX_MS);
    this.#byNetwork.delete(network);
    this.#byNetwork.set(network, { failed, atMs: this.#clock.nowMs(), waitMs });
    const [oldest] = this.#byNetwork.keys();
    if (this.#byNetwork.size > NETWORKS_MAX && oldest !== undefined) {
      this.#byNetwork.delete(oldest);
    }
  }

  succeeded(network: string): void {
    this.#byNetwork.delete(network);
  }
}
