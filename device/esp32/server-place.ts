import { isPlausibleTimeMs } from "../../protocol/plausible-time.ts";
import type { Time, WallClock } from "./ports.ts";

/** Below the jitter of a bad link nothing is corrected, so that the times of one connection agree. */
const DRIFT_MIN_MS = 5_000;

/**
 * Where the server is and what time it has, as it last told. The time of day is unknown until then: the board's own
 * clock starts at 1970 with each boot.
 */
export class ServerPlace {
  /** What discovery is asked of. */
  readonly configuredUrl: string;
  apiBase: string;
  readonly #time: Time;
  readonly #wallClock: WallClock;
  #epochOffsetMs: number | undefined;

  constructor(time: Time, wallClock: WallClock, configuredUrl: string) {
    this.#wallClock = wallClock;
    this.#time = time;
    this.configuredUrl = configuredUrl;
    this.apiBase = configuredUrl;
  }

  /** A time that cannot be is not learnt: what is stamped with it could never be uploaded. */
  learnTime(serverTimeMs: number): void {
    if (!isPlausibleTimeMs(serverTimeMs)) return;
    this.#wallClock.learn(serverTimeMs);
    const offsetMs = serverTimeMs - this.#time.monotonicMs();
    const driftMs = Math.abs(offsetMs - (this.#epochOffsetMs ?? Number.NEGATIVE_INFINITY));
    if (driftMs >= DRIFT_MIN_MS) this.#epochOffsetMs = offsetMs;
  }

  /** Milliseconds since the epoch of a monotonic reading of this boot. */
  wallClockMs(monotonicMs: number): number | undefined {
    return this.#epochOffsetMs === undefined ? undefined : this.#epochOffsetMs + monotonicMs;
  }
}
