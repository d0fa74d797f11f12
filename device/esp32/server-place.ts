import type { Time } from "./ports.ts";

/**
 * Where the server is and what time it has, as it last told. The time of day is unknown until then: the board's own
 * clock starts at 1970 with each boot.
 */
export class ServerPlace {
  /** What discovery is asked of. */
  readonly configuredUrl: string;
  apiBase: string;
  readonly #time: Time;
  #epochOffsetMs: number | undefined;

  constructor(time: Time, configuredUrl: string) {
    this.#time = time;
    this.configuredUrl = configuredUrl;
    this.apiBase = configuredUrl;
  }

  learnTime(serverTimeMs: number): void {
    this.#epochOffsetMs = serverTimeMs - this.#time.monotonicMs();
  }

  /** Milliseconds since the epoch of a monotonic reading of this boot. */
  wallClockMs(monotonicMs: number): number | undefined {
    return this.#epochOffsetMs === undefined ? undefined : this.#epochOffsetMs + monotonicMs;
  }
}
