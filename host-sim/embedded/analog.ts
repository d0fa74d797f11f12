import { callForNumber } from "./board-port.ts";

/** `embedded:io/analog` (ECMA-419). */
export default class Analog {
  readonly #pin: number;

  constructor(options: { pin: number; resolution?: number }) {
    this.#pin = options.pin;
  }

  get resolution(): number {
    return callForNumber("analog.resolution");
  }

  read(): number {
    return callForNumber("analog.read", this.#pin);
  }
}
