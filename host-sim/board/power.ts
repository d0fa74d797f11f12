import type { GuestDispatch, PortValue } from "../engines/guest-port.ts";
import type { PlannedEvent, World } from "../world.ts";

/** One board call by name: what the firmware's modules ask of the board. */
export type BoardCalls = Readonly<Record<string, (...args: PortValue[]) => PortValue | void>>;

/** One run of the firmware, from a boot to the next reset: after it nothing planned for it reaches anyone. */
export class PowerCycle {
  readonly world: World;
  readonly startedAtMs: number;
  /** What the 32-bit tick counter shows at the start; a board never starts near its wrap, a test may. */
  readonly ticksAtStart: number;
  dispatch: GuestDispatch = () => {};
  #over = false;
  readonly #atEnd: (() => void)[] = [];

  constructor(world: World, ticksAtStart: number) {
    this.world = world;
    this.ticksAtStart = ticksAtStart;
    this.startedAtMs = world.nowMs;
  }

  uptimeUs(): number {
    return Math.round((this.world.nowMs - this.startedAtMs) * 1000);
  }

  after(delayMs: number, run: () => void): PlannedEvent {
    return this.world.after(delayMs, () => {
      if (!this.#over) run();
    });
  }

  emit(target: number, event: string, ...args: PortValue[]): void {
    if (!this.#over) this.dispatch(target, event, args);
  }

  atEnd(run: () => void): void {
    this.#atEnd.push(run);
  }

  end(): void {
    this.#over = true;
    for (const run of this.#atEnd) run();
  }
}
