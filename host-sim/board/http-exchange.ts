import type { Answer, Internet } from "../network/internet.ts";
import type { PowerCycle } from "./power.ts";

/** TCP_SND_BUF of the SDK's lwIP: what a client may write before the radio has sent any of it. */
const SEND_BUFFER_BYTES = 8192;
/** Measured for a still over the first stack's Wi-Fi: 80 kB/s. */
const UPLINK_BYTES_PER_MS = 80;
const CONNECT_MS = 30;

/** One HTTP exchange of the firmware: its body leaves at the radio's pace, its answer comes as events. */
export class HttpExchange {
  readonly #power: PowerCycle;
  readonly #internet: Internet;
  readonly #reaches: () => boolean;
  readonly #target: number;
  readonly #request: { url: string; method: string; headers: ReadonlyMap<string, string> };
  readonly #body: Uint8Array<ArrayBuffer>;
  #writtenBytes = 0;
  #sentBytes = 0;
  #closed = false;

  constructor(
    power: PowerCycle,
    internet: Internet,
    reaches: () => boolean,
    target: number,
    request: { url: string; method: string; headers: ReadonlyMap<string, string> },
  ) {
    this.#power = power;
    this.#internet = internet;
    this.#reaches = reaches;
    this.#target = target;
    this.#request = request;
    this.#body = new Uint8Array(Number(request.headers.get("content-length") ?? 0));
    const { pathname } = new URL(request.url);
    this.#trace(`${request.method} ${pathname.slice(0, 40)} ${this.#body.length}`);
    this.#later(CONNECT_MS, () => this.#connected());
  }

  /** Takes the next bytes of the body; answers how many more may be written now. */
  write(bytes: Uint8Array): number {
    if (bytes.length > this.#writable()) throw new Error("http: would block");
    this.#body.set(bytes, this.#writtenBytes);
    this.#writtenBytes += bytes.length;
    this.#later(bytes.length / UPLINK_BYTES_PER_MS, () => {
      if (this.#reaches()) this.#left(bytes.length);
    });
    return this.#writable();
  }

  close(): void {
    this.#closed = true;
  }

  #connected(): void {
    if (!this.#reaches()) return;
    const { reachability } = this.#internet;
    if (reachability === "refused") this.#emit("error");
    if (reachability !== "up") return;
    if (this.#body.length > 0) this.#emit("writable", this.#writable());
    else this.#ask();
  }

  #left(bytes: number): void {
    this.#sentBytes += bytes;
    if (this.#sentBytes === this.#body.length) this.#ask();
    else if (this.#writtenBytes < this.#body.length) this.#emit("writable", this.#writable());
  }

  #writable(): number {
    const buffered = this.#writtenBytes - this.#sentBytes;
    return Math.min(SEND_BUFFER_BYTES - buffered, this.#body.length - this.#writtenBytes);
  }

  #ask(): void {
    const { url, method, headers } = this.#request;
    const sent = new Headers([...headers]);
    const body = this.#body.length > 0 ? this.#body : null;
    this.#internet.exchange({ url, method, headers: sent, body }, this.#reaches, (answer) => {
      if (!this.#closed) this.#power.after(0, () => this.#answered(answer));
    });
  }

  #answered(answer: Answer): void {
    if (answer.kind === "refused") return this.#emit("error");
    this.#trace(`answer ${answer.status} ${answer.body.length}`);
    this.#emit("headers", answer.status);
    if (answer.body.length > 0) this.#emit("readable", answer.body);
    this.#emit("done");
  }

  #emit(event: string, value?: number | Uint8Array): void {
    if (!this.#closed) this.#power.emit(this.#target, event, value);
  }

  #later(delayMs: number, run: () => void): void {
    this.#power.after(delayMs, () => {
      if (!this.#closed) run();
    });
  }

  #trace(what: string): void {
    const { world } = this.#power;
    world.trace.add(world.nowMs, "http", what);
  }
}
