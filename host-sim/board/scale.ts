import type { BoardCalls } from "./power.ts";

/** hx711_read's answer while no conversion is ready. */
const NOT_READY = -0x80000000;
/** A 5 kg cell on an HX711 at gain 128 gives some 400 counts a gram, around an offset of its own. */
export const TARE_COUNTS = 84_000;
export const COUNTS_PER_GRAM = 400;

/** The load cell under the perch. */
export class ScaleModel {
  grams = 0;
  connected = true;

  calls(): BoardCalls {
    return {
      "hx711.open": () => (this.connected ? 0 : -1),
      "hx711.read": () =>
        this.connected ? Math.round(TARE_COUNTS + this.grams * COUNTS_PER_GRAM) : NOT_READY,
    };
  }
}
