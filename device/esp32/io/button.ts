import Digital from "embedded:io/digital";
import type { Button } from "../setup-ports.ts";
import type { Enter } from "./entry.ts";
import { PINS } from "./pins.ts";

export class BootButton implements Button {
  readonly #enter: Enter;

  constructor(enter: Enter) {
    this.#enter = enter;
  }

  start(changed: (isDown: boolean) => void): void {
    const line = new Digital({
      pin: PINS.button,
      mode: Digital.InputPullUp,
      edge: Digital.Rising | Digital.Falling,
      onReadable: () => {
        const isDown = line.read() === 0;
        this.#enter(() => changed(isDown));
      },
    });
  }
}
