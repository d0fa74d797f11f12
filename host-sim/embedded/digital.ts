import { callBoard, callForNumber, listen } from "./board-port.ts";

/** `embedded:io/digital` (ECMA-419). */
export default class Digital {
  static readonly InputPullUp = 1;
  static readonly InputPullDown = 2;
  static readonly Output = 8;
  static readonly Rising = 1;
  static readonly Falling = 2;
  readonly #pin: number;

  constructor(options: {
    pin: number;
    mode: number;
    initialValue?: 0 | 1;
    edge?: number;
    onReadable?: () => void;
  }) {
    this.#pin = options.pin;
    const { onReadable } = options;
    const target = onReadable === undefined ? 0 : listen(() => onReadable());
    const level = options.initialValue ?? (options.mode === Digital.InputPullUp ? 1 : 0);
    callBoard("digital.open", target, options.pin, options.mode === Digital.Output, level);
  }

  read(): 0 | 1 {
    return callForNumber("digital.read", this.#pin) === 1 ? 1 : 0;
  }

  write(value: 0 | 1): void {
    callBoard("digital.write", this.#pin, value);
  }
}
