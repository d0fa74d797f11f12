import Analog from "embedded:io/analog";
import type { Battery } from "../ports.ts";

/** The SDK scales its calibrated reading of an ESP32 so that the highest stands for this. */
const FULL_SCALE_MV = 2_450;

/** Two equal resistors: a full cell has 4.2 V, and the pin takes 3.3 V. */
const DIVIDER = 2;

export function openBattery(pin: number | undefined): Battery {
  if (pin === undefined) return { millivolts: () => undefined };
  const input = new Analog({ pin });
  const mvPerCount = (FULL_SCALE_MV * DIVIDER) / (2 ** input.resolution - 1);
  return {
    millivolts() {
      // The typings say a number; it is undefined when the converter was busy for too long.
      const counts: number | undefined = input.read();
      return counts === undefined ? undefined : Math.round(counts * mvPerCount);
    },
  };
}
