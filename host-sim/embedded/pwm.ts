import { callBoard } from "./board-port.ts";

/** `embedded:io/pwm` (ECMA-419), as the SDK has it on the ESP32. */
export default class PWM {
  /** Of LEDC's timer at the SDK's usual 1,024 Hz. */
  readonly resolution = 10;
  readonly #pin: number;

  constructor(options: { pin: number }) {
    this.#pin = options.pin;
    callBoard("pwm.open", this.#pin);
  }

  write(value: number): void {
    const full = 2 ** this.resolution - 1;
    if (!(value >= 0 && value <= full)) throw new RangeError("invalid value");
    callBoard("pwm.write", this.#pin, Math.trunc(value) / full);
  }
}
