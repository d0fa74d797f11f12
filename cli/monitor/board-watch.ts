import { setTimeout as sleep } from "node:timers/promises";
import { done, type Outcome } from "../outcome.ts";
import { openLine } from "../serial/open-line.ts";
import type { SerialLine } from "../serial/serial-line.ts";

const REOPEN_EVERY_MS = 500;
/** How esptool pulses EN: long enough for its capacitor. */
const RESET_PULSE_MS = 100;

export interface BoardListener {
  hear(bytes: Uint8Array): void;
  /** What happens to the port. */
  say(text: string): void;
}

/** One port, opened again whenever it comes back. Opening never resets the board. */
export class BoardWatch {
  readonly #path: string;
  readonly #listener: BoardListener;
  #baudRate: number;
  #line: SerialLine | undefined;
  #isOver = false;

  constructor(path: string, baudRate: number, listener: BoardListener) {
    this.#path = path;
    this.#baudRate = baudRate;
    this.#listener = listener;
  }

  /** Resolves when `close` was called, or with why the port cannot be opened in the first place. */
  async run(): Promise<Outcome<void>> {
    const first = await openLine(this.#path, this.#baudRate);
    if (first.kind === "failed") return first;
    let line: SerialLine | undefined = first.value;
    this.#listener.say(`follows ${this.#path} at ${this.#baudRate} baud`);
    while (line !== undefined) {
      this.#listen(line);
      const end = await line.ended;
      this.#line = undefined;
      if (this.#isOver || end === "closed") break;
      this.#listener.say(`unplugged; waits for ${this.#path} to come back`);
      line = await this.#reopen();
      if (line !== undefined) this.#listener.say(`${this.#path} is back`);
    }
    return done(undefined);
  }

  async reset(): Promise<void> {
    const line = this.#line;
    if (line === undefined) return this.#listener.say("no board to reset: it is unplugged");
    if (!line.hasControlLines) {
      return this.#listener.say("this port has no control lines: press the board's EN button");
    }
    this.#listener.say("reset");
    await line.setSignals({ dataTerminalReady: false, requestToSend: true });
    await sleep(RESET_PULSE_MS);
    await line.setSignals({ requestToSend: false });
  }

  setBaudRate(bitsPerSecond: number): void {
    this.#baudRate = bitsPerSecond;
    void this.#line?.setBaudRate(bitsPerSecond);
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await this.#line?.close();
  }

  #listen(line: SerialLine): void {
    this.#line = line;
    line.hear = (bytes) => this.#listener.hear(bytes);
    if (this.#isOver) void line.close();
  }

  async #reopen(): Promise<SerialLine | undefined> {
    while (!this.#isOver) {
      const opened = await openLine(this.#path, this.#baudRate);
      if (opened.kind === "done") return opened.value;
      await sleep(REOPEN_EVERY_MS);
    }
    return undefined;
  }
}
