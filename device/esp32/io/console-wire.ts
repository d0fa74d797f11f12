import Serial from "embedded:io/serial";
import Timer from "timer";
import { CONSOLE_PACKETS_MAX } from "../limits.ts";
import type { ConsoleWire, Log } from "../ports.ts";
import type { Enter } from "./entry.ts";
import { PINS } from "./pins.ts";

/** As the console has it, which uses the same FIFO. */
const BITS_PER_SECOND = 115_200;
/** The hardware's, and all there is. */
const RECEIVE_FIFO_BYTES = 128;
/** 115 bytes leave the FIFO in this time. */
const RETRY_MS = 10;

/** Undefined in a debug build, where xsbug has the port. */
export function openConsoleWire(log: Log, enter: Enter): ConsoleWire | undefined {
  try {
    return new SerialConsole(enter);
  } catch (error) {
    log.write("warn", "improv", `left out, UART0: ${String(error)}`);
    return undefined;
  }
}

class SerialConsole implements ConsoleWire {
  readonly #serial: Serial;
  #received: (bytes: Uint8Array) => void = () => {};
  readonly #waiting: Uint8Array[] = [];
  #isRetrying = false;
  readonly #arrived = new Uint8Array(RECEIVE_FIFO_BYTES);

  constructor(enter: Enter) {
    this.#serial = new Serial({
      port: 0,
      receive: PINS.consoleRx,
      transmit: PINS.consoleTx,
      baud: BITS_PER_SECOND,
      format: "buffer",
      onReadable: () => {
        const byteLength = this.#serial.read(this.#arrived) ?? 0;
        if (byteLength > 0) enter(() => this.#received(this.#arrived.subarray(0, byteLength)));
      },
    });
  }

  start(received: (bytes: Uint8Array) => void): void {
    this.#received = received;
  }

  send(packet: Uint8Array): void {
    if (this.#waiting.length < CONSOLE_PACKETS_MAX) this.#waiting.push(packet);
    if (!this.#isRetrying) this.flush();
  }

  /** The log fills the same FIFO without asking, so nothing tells how much room there is but a try. */
  private flush(): void {
    this.#isRetrying = false;
    for (let [packet] = this.#waiting; packet !== undefined; [packet] = this.#waiting) {
      if (!this.write(packet)) {
        this.#isRetrying = true;
        Timer.set(() => this.flush(), RETRY_MS);
        return;
      }
      this.#waiting.shift();
    }
  }

  private write(packet: Uint8Array): boolean {
    try {
      this.#serial.write(packet);
      return true;
    } catch {
      return false;
    }
  }
}
