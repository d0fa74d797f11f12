import type { LineEnd, SerialLine } from "../../../cli/serial/serial-line.ts";
import type { ControlLines, SerialBridge } from "../../../host-sim/board/serial-bridge.ts";

/** A simulated board's bridge as a port of this computer. */
export class BridgeLine implements SerialLine {
  readonly path = "/dev/ttySIM0";
  readonly hasControlLines = true;
  hear: SerialLine["hear"] = () => {};
  readonly ended: Promise<LineEnd>;
  /** Of each write: what the wire had to carry. */
  writtenBytes = 0;
  readonly #bridge: SerialBridge;
  readonly #end: (end: LineEnd) => void;
  #isOpen = true;

  constructor(bridge: SerialBridge) {
    const { promise, resolve } = Promise.withResolvers<LineEnd>();
    this.ended = promise;
    this.#end = resolve;
    this.#bridge = bridge;
    bridge.hear = (bytes) => this.#isOpen && this.hear(bytes);
  }

  async write(bytes: Uint8Array): Promise<boolean> {
    this.writtenBytes += bytes.length;
    this.#bridge.write(bytes);
    await Promise.race([this.ended, new Promise<void>((sent) => this.#bridge.whenSent(sent))]);
    return this.#isOpen;
  }

  async setSignals(lines: ControlLines): Promise<boolean> {
    this.#bridge.setSignals(lines);
    return this.#isOpen;
  }

  async setBaudRate(bitsPerSecond: number): Promise<boolean> {
    this.#bridge.baud = bitsPerSecond;
    return this.#isOpen;
  }

  async close(): Promise<void> {
    this.#finish("closed");
  }

  pull(): void {
    this.#bridge.unplug();
    this.#finish("unplugged");
  }

  #finish(end: LineEnd): void {
    this.#isOpen = false;
    this.#end(end);
  }
}
