import type { PortValue } from "../engines/guest-port.ts";
import { asBytes, callBoard, callForNumber, listen, unlisten } from "./board-port.ts";
import type { DnsOption } from "./dns-option.ts";

/** Only a socket with TLS has something to secure. */
interface SocketOption {
  readonly secure?: object;
}

interface RequestOptions {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Map<string, string>;
  onHeaders?(status: number, headers: Map<string, string>): void;
  onReadable?(count: number): void;
  onWritable?(count: number): void;
  onDone?(error: Error | null): void;
}

/** `embedded:network/http/client`: one host, one request. The `host` option is sent as the host header, as there. */
export default class HTTPClient {
  readonly #host: string;
  readonly #port: number;
  readonly #dns: DnsOption;
  readonly #scheme: "http" | "https";
  #target = 0;
  #waiting: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #options: RequestOptions = {};

  constructor(options: { host: string; port?: number; dns: DnsOption; socket?: SocketOption }) {
    this.#host = options.host;
    this.#port = options.port ?? 80;
    this.#dns = options.dns;
    this.#scheme = options.socket?.secure === undefined ? "http" : "https";
  }

  request(options: RequestOptions): this {
    this.#options = options;
    this.#target = listen((event, args) => this.#take(event, args));
    new this.#dns.io(this.#dns).resolve({
      host: this.#host,
      onResolved: (_host, address) => this.#connect(address),
      onError: () => options.onDone?.call(this, new Error("dns")),
    });
    return this;
  }

  read(count = this.#waiting.length): ArrayBuffer {
    const { buffer } = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.subarray(count);
    return buffer;
  }

  write(bytes: Uint8Array): number {
    return callForNumber("http.write", this.#target, bytes);
  }

  close(): void {
    if (this.#target === 0) return;
    callBoard("http.close", this.#target);
    unlisten(this.#target);
    this.#target = 0;
  }

  #connect(address: string): void {
    const { method = "GET", path = "/", headers = new Map() } = this.#options;
    const pairs = JSON.stringify([["host", this.#host], ...headers]);
    callBoard("http.request", this.#target, address, this.#port, method, path, pairs, this.#scheme);
  }

  #take(event: string, [value, more]: readonly PortValue[]): void {
    const options = this.#options;
    if (event === "writable") options.onWritable?.call(this, Number(value));
    else if (event === "headers") {
      const pairs = JSON.parse(String(more)) as [string, string][];
      options.onHeaders?.call(this, Number(value), new Map(pairs));
    } else if (event === "readable") {
      this.#waiting = joined(this.#waiting, asBytes(value));
      options.onReadable?.call(this, this.#waiting.length);
    } else options.onDone?.call(this, event === "done" ? null : new Error(event));
  }
}

/** What the firmware did not read stays in the socket. */
function joined(left: Uint8Array, come: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (left.length === 0) return come;
  const all = new Uint8Array(left.length + come.length);
  all.set(left);
  all.set(come, left.length);
  return all;
}
