import { asBytes, callBoard, listen } from "./board-port.ts";

type Datagram = ArrayBuffer & { address: string; port: number };

/** `embedded:io/socket/udp`. The simulated resolver carries its own bytes; to it this is an option. */
export default class UDP {
  readonly #target: number;
  readonly #waiting: Datagram[] = [];

  constructor(options: { port: number; onReadable?: (count: number) => void }) {
    this.#target = listen((_event, [bytes, address, port]) => {
      const { buffer } = asBytes(bytes ?? null);
      this.#waiting.push(Object.assign(buffer, { address: String(address), port: Number(port) }));
      options.onReadable?.(this.#waiting.length);
    });
    callBoard("udp.open", this.#target, options.port);
  }

  read(): Datagram | undefined {
    return this.#waiting.shift();
  }

  write(bytes: Uint8Array, address: string, port: number): void {
    callBoard("udp.write", this.#target, bytes, address, port);
  }
}
