import Digital from "embedded:io/digital";
import type { StatusLed } from "../ports.ts";
import { PINS } from "./pins.ts";

export function openStatusLed(): StatusLed {
  const line = new Digital({ pin: PINS.statusLed, mode: Digital.Output, initialValue: 0 });
  return { set: (on) => line.write(on ? 1 : 0) };
}
