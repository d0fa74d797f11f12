import type { World } from "../world.ts";
import type { BoardCalls, PowerCycle } from "./power.ts";
import { PwmOutputs } from "./pwm-outputs.ts";

/** How the board is wired; the firmware's own table is in device/esp32/io/pins.ts. */
export const WIRING = {
  presence: 27,
  wakeCamera: 16,
  cameraSupply: 17,
  button: 0,
  statusLed: 2,
} as const;

/** The levels at the board's pins, and who is told when one changes. They outlive a reset. */
export class Pins {
  readonly pwm: PwmOutputs;
  readonly #world: World;
  readonly #name: string;
  readonly #levels = new Map<number, 0 | 1>();
  readonly #watchers = new Map<number, (level: 0 | 1) => void>();
  readonly #listeners = new Map<number, (level: 0 | 1) => void>();

  constructor(world: World, name: string) {
    this.#world = world;
    this.#name = name;
    this.pwm = new PwmOutputs(world, name);
  }

  level(pin: number): 0 | 1 {
    return this.#levels.get(pin) ?? 0;
  }

  /** What is wired to an output pin sees its edges. */
  watch(pin: number, changed: (level: 0 | 1) => void): void {
    this.#watchers.set(pin, changed);
  }

  /** Something outside drives an input pin. */
  drive(pin: number, level: 0 | 1): void {
    this.#change(pin, level, this.#listeners.get(pin));
  }

  calls(power: PowerCycle): BoardCalls {
    const outputs = new Set<number>();
    power.atEnd(() => {
      this.#listeners.clear();
      // Without a driver the pull-down at the other end decides.
      for (const pin of outputs) this.#write(pin, 0);
    });
    return {
      "digital.open": (target, pin, isOutput, level) => {
        if (isOutput === true) {
          outputs.add(Number(pin));
          return this.#write(Number(pin), level === 1 ? 1 : 0);
        }
        // A pull-up, where nothing else says anything.
        if (level === 1 && !this.#levels.has(Number(pin))) this.#levels.set(Number(pin), 1);
        if (target !== 0) {
          this.#listeners.set(Number(pin), () => power.emit(Number(target), "edge"));
        }
      },
      "digital.read": (pin) => this.level(Number(pin)),
      ...this.pwm.calls(power),
      "digital.write": (pin, level) => this.#write(Number(pin), level === 1 ? 1 : 0),
    };
  }

  #write(pin: number, level: 0 | 1): void {
    this.#change(pin, level, this.#watchers.get(pin));
  }

  #change(pin: number, level: 0 | 1, tell: ((level: 0 | 1) => void) | undefined): void {
    if (this.level(pin) === level) return;
    this.#levels.set(pin, level);
    this.#world.trace.add(this.#world.nowMs, this.#name, `gpio${pin} ${level}`);
    this.#world.after(0, () => tell?.(level));
  }
}
