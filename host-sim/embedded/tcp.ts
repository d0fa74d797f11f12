import { asBytes, callBoard, callForNumber, listen, unlisten } from "./board-port.ts";

interface Options {
  readonly from?: TCP;
  onReadable?(count: number): void;
  onWritable?(count: number): void;
  onError?(): void;
}

/** `embedded:io/socket/tcp`: of the listener's. The simulated clients carry their own bytes; to them it is an option. */
export default class TCP {
  #handle: number;
  #target = 0;
  #unread: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  constructor(options: Options = {}, handle = 0) {
    this.#handle = options.from?.release() ?? handle;
    if (options.from === undefined) return;
    this.#target = listen((event, [value]) => {
      if (event === "readable") {
        this.#unread = joined(this.#unread, asBytes(value ?? null));
        options.onReadable?.(this.#unread.length);
      } else if (event === "writable") options.onWritable?.(Number(value));
      else options.onError?.();
    });
    callBoard("served_stream.attach", this.#target, this.#handle);
  }

  /** Another object goes on with it. */
  release(): number {
    const handle = this.#handle;
    this.#handle = 0;
    return handle;
  }

  read(): ArrayBuffer | undefined {
    const { buffer, length } = this.#unread;
    this.#unread = new Uint8Array(0);
    return length === 0 ? undefined : buffer;
  }

  write(bytes: Uint8Array): number {
    return callForNumber("served_stream.write", this.#handle, bytes);
  }

  close(): void {
    if (this.#handle === 0) return;
    callBoard("served_stream.close", this.#handle);
    if (this.#target !== 0) unlisten(this.#target);
    this.#handle = 0;
  }
}

function joined(left: Uint8Array, come: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(left.length + come.length);
  all.set(left);
  all.set(come, left.length);
  return all;
}
