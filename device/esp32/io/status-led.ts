import PWM from "embedded:io/pwm";
import type { StatusLed } from "../ports.ts";
import { PINS } from "./pins.ts";

/** Dark from its construction on. */
export class PwmLed implements StatusLed {
  readonly #pwm = new PWM({ pin: PINS.statusLed });

  set(percent: number): void {
    const full = 2 ** this.#pwm.resolution - 1;
    this.#pwm.write(Math.round((full * percent) / 100));
  }
}
