import type { World } from "../world.ts";
import type { BoardCalls, PowerCycle } from "./power.ts";

/** Pins that are high for a share of the time: an LED's brightness. */
export class PwmOutputs {
  readonly #world: World;
  readonly #name: string;
  readonly #percents = new Map<number, number>();

  constructor(world: World, name: string) {
    this.#world = world;
    this.#name = name;
  }

  percent(pin: number): number {
    return this.#percents.get(pin) ?? 0;
  }

  calls(power: PowerCycle): BoardCalls {
    power.atEnd(() => {
      for (const pin of this.#percents.keys()) this.#set(pin, 0);
    });
    return {
      "pwm.open": (pin) => this.#set(Number(pin), 0),
      "pwm.write": (pin, share) => this.#set(Number(pin), Math.round(Number(share) * 100)),
    };
  }

  #set(pin: number, percent: number): void {
    const before = this.percent(pin);
    this.#percents.set(pin, percent);
    if (before === percent) return;
    this.#world.trace.add(this.#world.nowMs, this.#name, `gpio${pin} ${percent} %`);
  }
}
