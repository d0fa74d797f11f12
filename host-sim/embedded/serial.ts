import { asBytes, callBoard, callForNumber, listen, unlisten } from "./board-port.ts";

interface SerialOptions {
  readonly port: number;
  readonly baud: number;
  readonly receive?: number;
  readonly transmit?: number;
  readonly format?: "number" | "buffer";
  readonly onReadable?: (this: Serial, bytes: number) => void;
  readonly onWritable?: (this: Serial, bytes: number) => void;
}

/** `embedded:io/serial` (ECMA-419), UART0 alone and in buffers alone. */
export default class Serial {
  readonly #target: number;

  constructor(options: SerialOptions) {
    const { onReadable, onWritable } = options;
    if (options.format === "number") throw new RangeError("invalid format");
    this.#target = listen((event) => {
      if (event === "writable") {
        const writableBytes = callForNumber("serial.writable_bytes");
        if (writableBytes > 0) onWritable?.call(this, writableBytes);
        return;
      }
      const readableBytes = callForNumber("serial.readable_bytes");
      if (readableBytes > 0) onReadable?.call(this, readableBytes);
      callBoard("serial.listen");
    });
    const { port, baud } = options;
    const hasReadable = options.receive !== undefined && onReadable !== undefined;
    const hasWritable = options.transmit !== undefined && onWritable !== undefined;
    callBoard("serial.open", this.#target, port, baud, hasReadable, hasWritable);
  }

  /** All that has arrived, that many bytes, or as many as fit the buffer: then their number. */
  read(wanted?: number | ArrayBuffer | Uint8Array): ArrayBuffer | number | undefined {
    const readableBytes = callForNumber("serial.readable_bytes");
    if (readableBytes === 0) return undefined;
    if (wanted === undefined) return take(readableBytes).buffer;
    if (typeof wanted === "number") return take(wanted).buffer;
    const into = wanted instanceof ArrayBuffer ? new Uint8Array(wanted) : wanted;
    const bytes = take(Math.min(readableBytes, into.length));
    into.set(bytes);
    return bytes.length;
  }

  write(bytes: ArrayBuffer | Uint8Array): void {
    callBoard("serial.write", bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes);
  }

  close(): void {
    unlisten(this.#target);
    callBoard("serial.close");
  }
}

function take(count: number): Uint8Array<ArrayBuffer> {
  return asBytes(callBoard("serial.read", count));
}
