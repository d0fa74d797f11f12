import type { Time } from "./ports.ts";

/** The time of day as the server tells it; unknown until it has. The board's own clock starts at 1970 with each boot. */
export class ServerClock {
  readonly #time: Time;
  #epochOffsetMs: number | undefined;

  constructor(time: Time) {
    this.#time = time;
  }

  learn(serverTimeMs: number): void {
    this.#epochOffsetMs = serverTimeMs - this.#time.monotonicMs();
  }

  /** Milliseconds since the epoch of a monotonic reading of this boot. */
  wallClockMs(monotonicMs: number): number | undefined {
    return this.#epochOffsetMs === undefined ? undefined : this.#epochOffsetMs + monotonicMs;
  }
}
