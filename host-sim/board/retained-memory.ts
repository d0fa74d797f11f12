import type { RandomStream } from "../random.ts";
import type { BoardCalls } from "./power.ts";

const RETAINED_BYTES = 64;

/** device/esp32/native/rtc_memory.c: it outlives every reset. */
export class RetainedMemory {
  readonly #bytes = new Uint8Array(RETAINED_BYTES);
  readonly #random: RandomStream;

  constructor(random: RandomStream) {
    this.#random = random;
  }

  /** The power was away: its cells come up anyhow. */
  fade(): void {
    for (let at = 0; at < RETAINED_BYTES; at++) this.#bytes[at] = Math.floor(this.#random() * 256);
  }

  calls(): BoardCalls {
    return {
      "rtc_memory.read": (into) => {
        (into as Uint8Array).set(this.#bytes.subarray(0, (into as Uint8Array).length));
      },
      "rtc_memory.write": (from) => {
        this.#bytes.set((from as Uint8Array).subarray(0, RETAINED_BYTES));
      },
    };
  }
}
