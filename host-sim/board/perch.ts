import type { World } from "../world.ts";
import { type Pins, WIRING } from "./pins.ts";
import type { ScaleModel } from "./scale.ts";

/** The PIR falls before it rises again. */
const BETWEEN_BIRDS_MS = 1_000;

/** Where birds sit, one at a time: the PIR sees them and the scale feels them. */
export class Perch {
  readonly #world: World;
  readonly #pins: Pins;
  readonly #scale: ScaleModel;
  #freeAtMs = 0;

  constructor(world: World, pins: Pins, scale: ScaleModel) {
    this.#world = world;
    this.#pins = pins;
    this.#scale = scale;
  }

  /** A bird comes, when the one before has left. */
  visit(stayMs: number, grams: number): void {
    const { nowMs } = this.#world;
    const comesAtMs = Math.max(nowMs, this.#freeAtMs);
    this.#freeAtMs = comesAtMs + stayMs + BETWEEN_BIRDS_MS;
    if (comesAtMs === nowMs) this.#land(stayMs, grams);
    else this.#world.after(comesAtMs - nowMs, () => this.#land(stayMs, grams));
  }

  #land(stayMs: number, grams: number): void {
    this.#scale.grams = grams;
    this.#pins.drive(WIRING.presence, 1);
    this.#world.after(stayMs, () => {
      this.#scale.grams = 0;
      this.#pins.drive(WIRING.presence, 0);
    });
  }
}
