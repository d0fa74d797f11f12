import type { Clock } from "../ports.ts";

const MINUTE_MS = 60_000;
/** Memory for so many; who comes beyond them in one minute waits for the next. */
const COUNTED_MAX = 1_000;

/** Counts what each asks for within the minute of the clock; forgets everybody at the next. */
export class MinuteLimit {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #max: number;
  readonly #counts = new Map<string, number>();
  #minute = 0;

  constructor(clock: Pick<Clock, "nowMs">, max: number) {
    this.#clock = clock;
    this.#max = max;
  }

  /** How long to wait; 0 when it may now, which counts. */
  waitMs(who: string): number {
    const nowMs = this.#clock.nowMs();
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute !== this.#minute) this.#counts.clear();
    this.#minute = minute;
    const count = (this.#counts.get(who) ?? 0) + 1;
    const isKnown = count > 1 || this.#counts.size < COUNTED_MAX;
    if (count > this.#max || !isKnown) return (minute + 1) * MINUTE_MS - nowMs;
    this.#counts.set(who, count);
    return 0;
  }
}
