import type { BoardCalls } from "./power.ts";

/** The divider of docs/hardware.md: 100 kOhm from the battery to the pin, 100 kOhm from the pin to ground. */
const DIVIDER = 2;
/** The SDK's analog input calibrates to millivolts and then scales them to 12 bits of its range at 12 dB. */
const RESOLUTION_BITS = 12;
const FULL_SCALE_MILLIVOLTS = 2_450;
const COUNT_MAX = 2 ** RESOLUTION_BITS - 1;

/** `embedded:io/analog` on the battery's pin; without a battery it reads 0. */
export function analogCalls(batteryMillivolts: () => number | undefined): BoardCalls {
  return {
    "analog.resolution": () => RESOLUTION_BITS,
    "analog.read": () => {
      const millivolts = (batteryMillivolts() ?? 0) / DIVIDER;
      return Math.min(COUNT_MAX, Math.floor((millivolts * COUNT_MAX) / FULL_SCALE_MILLIVOLTS));
    },
  };
}
