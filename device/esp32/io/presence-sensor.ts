import Digital from "embedded:io/digital";
import Timer from "timer";
import type { PresenceSensor } from "../ports.ts";
import type { Enter } from "./entry.ts";
import { PINS } from "./pins.ts";

export class PirSensor implements PresenceSensor {
  readonly #enter: Enter;

  constructor(enter: Enter) {
    this.#enter = enter;
  }

  start(changed: (present: boolean) => void): void {
    let reported = false;
    const report = (present: boolean): void => {
      reported = present;
      this.#enter(() => changed(present));
    };
    const line = new Digital({
      pin: PINS.presence,
      // A sensor that is not connected must read as nobody there.
      mode: Digital.InputPullDown,
      edge: Digital.Rising | Digital.Falling,
      onReadable: () => {
        const present = line.read() === 1;
        // Edges that come while XS is busy are delivered as one: the same level again means a whole pulse was missed.
        if (present === reported) report(!present);
        report(present);
      },
    });
    // A visit may be what woke the board: that edge was before this start.
    Timer.set(() => {
      if (line.read() === 1 && !reported) report(true);
    });
  }
}
