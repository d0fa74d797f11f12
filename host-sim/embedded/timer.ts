import { callBoard, listen, unlisten } from "./board-port.ts";

/** `timer` of the Moddable SDK, as far as the firmware uses it. */
export default class Timer {
  readonly #target: number;

  private constructor(elapsed: () => void, delayMs: number) {
    const target = listen(() => {
      unlisten(target);
      elapsed();
    });
    this.#target = target;
    callBoard("timer.set", target, delayMs);
  }

  static set(elapsed: () => void, delayMs = 0): Timer {
    return new Timer(elapsed, delayMs);
  }

  static clear(timer: Timer | undefined): void {
    if (timer === undefined) return;
    unlisten(timer.#target);
    callBoard("timer.clear", timer.#target);
  }
}
