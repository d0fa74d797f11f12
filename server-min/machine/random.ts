import { randomBytes } from "node:crypto";
import type { Random } from "../ports.ts";

/** Asking for 8 bytes takes as long as for all of these. */
const DRAWN_BYTES = 4096;

/** The machine's, drawn ahead; no byte is handed out twice. */
export function machineRandom(): Random {
  let drawn = randomBytes(DRAWN_BYTES);
  return {
    bytes(length) {
      if (length > drawn.length) drawn = randomBytes(Math.max(length, DRAWN_BYTES));
      const bytes = drawn.subarray(0, length);
      drawn = drawn.subarray(length);
      return bytes;
    },
  };
}
