import type { GuestDispatch, PortValue } from "../engines/guest-port.ts";
import type { PlannedEvent, World } from "../world.ts";

/** One board call by name: what the firmware's modules ask of the board. */
export type BoardCalls = Readonly<Record<string, (...args: PortValue[]) => PortValue | void>>;

/**
 * CONFIG_ESP_TASK_WDT_TIMEOUT_S of device/esp32/native/sdkconfig.defaults. Moddable feeds it at each turn of its
 * message loop and wakes for it when nothing happens: only a call that does not return is ever in its way.
 */
export const TASK_WATCHDOG_MS = 30_000;

/** Unwinds the firmware's code: it called the board when it no longer runs, or in a call that never returns. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

/** One run of the firmware, from a boot to the next reset: after it nothing planned for it reaches anyone. */
export class PowerCycle {
  readonly world: World;
  readonly startedAtMs: number;
  /** What the 32-bit tick counter shows at the start; a board never starts near its wrap, a test may. */
  readonly ticksAtStart: number;
  dispatch: GuestDispatch = () => {};
  watchdogBites: () => void = () => {};
  #wallClockAtStartMs = 0;
  #over = false;
  #hangs = false;
  readonly #atEnd: (() => void)[] = [];
  #stalledUntilMs = 0;
  /** What came while the processor stood still, in order. */
  readonly #putOff: (() => void)[] = [];
  #releasePlanned = false;
  #inEvent = false;

  constructor(world: World, ticksAtStart: number) {
    this.world = world;
    this.ticksAtStart = ticksAtStart;
    this.startedAtMs = world.nowMs;
  }

  /** World time as the firmware has it: a call that took long ends later than the event in which it was made. */
  get nowMs(): number {
    return Math.max(this.world.nowMs, this.#stalledUntilMs);
  }

  /** The board's own time of day: 1970 at each start, until the firmware sets it. */
  wallClockMs(): number {
    return this.#wallClockAtStartMs + this.nowMs - this.startedAtMs;
  }

  setWallClock(epochMs: number): void {
    this.#wallClockAtStartMs = epochMs - (this.nowMs - this.startedAtMs);
  }

  uptimeUs(): number {
    return Math.round((this.nowMs - this.startedAtMs) * 1000);
  }

  /** None of the firmware's code runs any more. */
  get stopped(): boolean {
    return this.#over || this.#hangs;
  }

  /** The processor stands still for so long: what comes for the firmware waits, what is on the wires does not. */
  stall(durationMs: number): void {
    // Whole microseconds as the world has them: less than one left over would never pass.
    this.#stalledUntilMs = Math.round((this.nowMs + durationMs) * 1000) / 1000;
    // An event takes no time but its stalls: the loop turned when it began, which is now.
    if (this.#stalledUntilMs - this.world.nowMs > TASK_WATCHDOG_MS) this.#hang();
  }

  #hang(): void {
    this.#hangs = true;
    this.world.after(TASK_WATCHDOG_MS, () => {
      if (!this.#over) this.watchdogBites();
    });
    throw new Stopped();
  }

  after(delayMs: number, run: () => void): PlannedEvent {
    let cancelled = false;
    const runUnlessCancelled = (): void => {
      if (!cancelled) run();
    };
    const dueMs = this.nowMs + Math.max(0, delayMs);
    const event = this.world.after(dueMs - this.world.nowMs, () => this.#reach(runUnlessCancelled));
    return {
      cancel: () => {
        // It may wait for the processor already.
        cancelled = true;
        event.cancel();
      },
    };
  }

  emit(target: number, event: string, ...args: PortValue[]): void {
    this.#reach(() => this.dispatch(target, event, args));
  }

  atEnd(run: () => void): void {
    this.#atEnd.push(run);
  }

  end(): void {
    this.#over = true;
    for (const run of this.#atEnd) run();
  }

  #reach(run: () => void): void {
    if (this.stopped) return;
    // What an event brings with it belongs to it: it never waits behind the next event.
    if (this.#inEvent) return run();
    if (this.#putOff.length === 0 && this.#stalledUntilMs <= this.world.nowMs) {
      return this.#runEvent(run);
    }
    this.#putOff.push(run);
    this.#planRelease();
  }

  #planRelease(): void {
    if (this.#releasePlanned) return;
    this.#releasePlanned = true;
    this.world.after(this.nowMs - this.world.nowMs, () => this.#release());
  }

  /** One at a time: the promises of each settle before the next. */
  #release(): void {
    this.#releasePlanned = false;
    if (this.stopped) return;
    if (this.#stalledUntilMs > this.world.nowMs) return this.#planRelease();
    const run = this.#putOff.shift();
    if (run !== undefined) this.#runEvent(run);
    if (this.#putOff.length > 0) this.#planRelease();
  }

  #runEvent(run: () => void): void {
    this.#inEvent = true;
    run();
    this.#inEvent = false;
  }
}
