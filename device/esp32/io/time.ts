import Ticks from "time";
import Timer from "timer";
import type { Time, TimerHandle } from "../ports.ts";
import type { Enter } from "./entry.ts";

export class BoardTime implements Time {
  #lastTicks = Ticks.ticks;
  #elapsedMs = 0;
  readonly #enter: Enter;

  constructor(enter: Enter) {
    this.#enter = enter;
  }

  /**
   * Ticks are 32 bits of milliseconds and come signed, so they wrap after 24.8 days; the difference survives
   * that as long as someone asks at least once in those days, which every heartbeat does. A negative
   * difference is a host whose clock was set back: time then stands still until it catches up.
   */
  monotonicMs(): number {
    const sinceMs = (Ticks.ticks - this.#lastTicks) | 0;
    if (sinceMs > 0) {
      this.#lastTicks += sinceMs;
      this.#elapsedMs += sinceMs;
    }
    return this.#elapsedMs;
  }

  /** Rounded up because XS cuts the fraction off, and a timer must not be early. */
  after(delayMs: number, elapsed: () => void): TimerHandle {
    return new BoardTimer(Timer.set(() => this.#enter(elapsed), Math.ceil(delayMs)));
  }
}

/** A class and no closure: one is held for each wait of the firmware. */
class BoardTimer implements TimerHandle {
  readonly #timer: Timer;

  constructor(timer: Timer) {
    this.#timer = timer;
  }

  cancel(): void {
    Timer.clear(this.#timer);
  }
}
