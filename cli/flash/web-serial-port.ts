/// <reference types="w3c-web-serial" />
import type { SerialLine } from "../serial/serial-line.ts";

/** Thrown into esptool-js where its port is gone. */
export class PortLost extends Error {
  override readonly name = "PortLost";
}

/** Wrong at the start and inside of a packet: whoever still waits for one gives up at once. */
const NO_PACKET = Uint8Array.of(0xdb, 0);

/** As much of the browser's SerialPort as esptool-js calls, over a line that is open already and stays so. */
export class WebSerialPort {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  readonly #line: SerialLine;

  constructor(line: SerialLine) {
    this.#line = line;
  }

  /** Nothing of it: a vendor's id would choose another reset than the lines can do. */
  getInfo(): SerialPortInfo {
    return {};
  }

  async open({ baudRate }: { readonly baudRate: number }): Promise<void> {
    await this.setBaudRate(baudRate);
    const line = this.#line;
    this.readable = new ReadableStream({
      start: (controller) => {
        line.hear = (bytes) => controller.enqueue(Uint8Array.from(bytes));
        line.ended.then(() => line.hear(NO_PACKET));
      },
      cancel: () => {
        line.hear = () => {};
      },
    });
    this.writable = new WritableStream({ write: async (bytes) => held(await line.write(bytes)) });
  }

  async setSignals(lines: SerialOutputSignals): Promise<void> {
    held(await this.#line.setSignals(lines));
  }

  async setBaudRate(baudRate: number): Promise<void> {
    held(await this.#line.setBaudRate(baudRate));
  }

  async close(): Promise<void> {
    this.readable = null;
    this.writable = null;
  }
}

function held(isThere: boolean): void {
  if (!isThere) throw new PortLost();
}
