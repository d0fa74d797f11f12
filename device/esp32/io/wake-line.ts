import Digital from "embedded:io/digital";
import type { WakeLine } from "../ports.ts";
import { PINS } from "./pins.ts";

export function openWakeLine(): WakeLine {
  const line = new Digital({ pin: PINS.wakeCamera, mode: Digital.Output, initialValue: 0 });
  return { set: (high) => line.write(high ? 1 : 0) };
}
