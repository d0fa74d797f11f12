import type FFI from "mc/ffi";
import type { KeyValueStore, Scale } from "../ports.ts";
import { PINS } from "./pins.ts";

/** hx711_read's answer while the converter is busy: outside its 24 bits. */
const NOT_READY = -0x80000000;

interface Calibration {
  readonly tareCounts: number;
  readonly countsPerGram: number;
}

/** Without a calibration in the store every reading is undefined: grams nobody weighed would start visits. */
export function openScale(native: FFI, store: KeyValueStore): Scale {
  const calibration = readCalibration(store);
  const opened = native.hx711_open(PINS.scaleData, PINS.scaleClock) === 0;
  return {
    readGrams() {
      if (!opened || !calibration) return undefined;
      const counts = native.hx711_read();
      if (counts === NOT_READY) return undefined;
      return (counts - calibration.tareCounts) / calibration.countsPerGram;
    },
  };
}

function readCalibration(store: KeyValueStore): Calibration | undefined {
  const tareCounts = Number(store.read("scaleTare") ?? Number.NaN);
  const countsPerGram = Number(store.read("scalePerGram") ?? Number.NaN);
  const usable =
    Number.isFinite(tareCounts) && Number.isFinite(countsPerGram) && countsPerGram !== 0;
  return usable ? { tareCounts, countsPerGram } : undefined;
}
