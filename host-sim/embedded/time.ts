import { callBoard, callForNumber } from "./board-port.ts";

/** `time`: 32 bits of milliseconds, signed, as on the board. */
export default {
  set(epochSeconds: number): void {
    callBoard("time.set", epochSeconds);
  },
  get ticks(): number {
    return callForNumber("time.ticks") | 0;
  },
};
