import { asBytes, callBoard, callForNumber, listen, unlisten } from "./board-port.ts";
import type { DnsOption } from "./dns-option.ts";

interface Options {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly dns: DnsOption;
  /** Only a socket with TLS has something to secure. */
  readonly socket?: { readonly secure?: object };
  onReadable?(count: number, options: { more: boolean; binary: boolean }): void;
  onWritable?(count: number): void;
  onControl?(opcode: number): void;
  onClose?(): void;
  onError?(): void;
}

/** `embedded:network/websocket/client` */
export default class WebSocketClient {
  static readonly close = 8;
  readonly #options: Options;
  readonly #target: number;
  #waiting: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  constructor(options: Options) {
    this.#options = options;
    this.#target = listen((event, args) => this.#take(event, args[0]));
    new options.dns.io(options.dns).resolve({
      host: options.host,
      onResolved: (_host, address) => this.#connect(address),
      onError: () => options.onError?.(),
    });
  }

  read(_count: number): ArrayBuffer {
    const { buffer } = this.#waiting;
    this.#waiting = new Uint8Array(0);
    return buffer;
  }

  write(bytes: Uint8Array, options: { opcode?: number } = {}): number {
    return callForNumber("ws.write", this.#target, bytes, options.opcode ?? 1);
  }

  close(): void {
    callBoard("ws.close", this.#target);
    unlisten(this.#target);
  }

  #connect(address: string): void {
    const { host, port, path, socket } = this.#options;
    const scheme = socket?.secure === undefined ? "ws" : "wss";
    callBoard("ws.open", this.#target, address, port, host, path, scheme);
  }

  #take(event: string, value: unknown): void {
    const options = this.#options;
    if (event === "writable") options.onWritable?.(Number(value));
    else if (event === "message") {
      this.#waiting = asBytes(value as Uint8Array);
      options.onReadable?.(this.#waiting.length, { more: false, binary: false });
    } else if (event === "closing") options.onControl?.(WebSocketClient.close);
    else if (event === "closed") options.onClose?.();
    else options.onError?.();
  }
}
