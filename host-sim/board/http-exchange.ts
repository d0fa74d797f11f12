import type { Answer, Internet } from "../network/internet.ts";
import type { PowerCycle } from "./power.ts";

/** TCP_SND_BUF of the SDK's lwIP: what a client may write before the radio has sent any of it. */
const SEND_BUFFER_BYTES = 8192;
/** Measured for a still over the first stack's Wi-Fi: 80 kB/s. */
const UPLINK_BYTES_PER_MS = 80;
const CONNECT_MS = 30;
/** TCP sends again what was lost; its waits double from here, ours do not. */
const RETRANSMIT_MS = 1_000;

/** One HTTP exchange of the firmware: its body leaves at the radio's pace, its answer comes as events. */
export class HttpExchange {
  readonly #power: PowerCycle;
  readonly #internet: Internet;
  readonly #reaches: () => boolean;
  readonly #target: number;
  readonly #request: { url: string; method: string; headers: ReadonlyMap<string, string> };
  readonly #body: Uint8Array<ArrayBuffer>;
  #state: "connecting" | "open" | "over" = "connecting";
  #writtenBytes = 0;
  #sentBytes = 0;
  /** When the radio will have sent all that was written. */
  #sentAtMs = 0;

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
    if (this.#state !== "open") throw new Error("http: bad state");
    if (bytes.length > this.#writable()) throw new Error("http: would block");
    this.#body.set(bytes, this.#writtenBytes);
    this.#writtenBytes += bytes.length;
    const { nowMs } = this.#power;
    this.#sentAtMs = Math.max(nowMs, this.#sentAtMs) + bytes.length / UPLINK_BYTES_PER_MS;
    this.#later(this.#sentAtMs - nowMs, () => this.#left(bytes.length));
    return this.#writable();
  }

  close(): void {
    this.#state = "over";
  }

  #connected(): void {
    if (!this.#arrives()) return;
    this.#state = "open";
    if (this.#body.length > 0) this.#emit("writable", this.#writable());
    else this.#ask();
  }

  /** What was sent makes room again; a client that did not use its room is not told of it a second time. */
  #left(bytes: number): void {
    if (!this.#arrives()) return this.#later(RETRANSMIT_MS, () => this.#left(bytes));
    this.#sentBytes += bytes;
    if (this.#sentBytes === this.#body.length) this.#ask();
    else if (this.#writtenBytes < this.#body.length) this.#emit("writable", this.#writable());
  }

  /** A server that is gone answers a packet with a reset. */
  #arrives(): boolean {
    if (!this.#reaches()) return false;
    const { reachability } = this.#internet;
    if (reachability === "refused") this.#end("error");
    return reachability === "up";
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
      this.#later(0, () => this.#answered(answer));
    });
  }

  #answered(answer: Answer): void {
    if (answer.kind === "refused") return this.#end("error");
    this.#trace(`answer ${answer.status} ${answer.body.length}`);
    this.#emit("headers", answer.status);
    if (answer.body.length > 0) this.#emit("readable", answer.body);
    this.#end("done");
  }

  #end(event: "done" | "error"): void {
    this.#emit(event);
    this.#state = "over";
  }

  #emit(event: string, value?: number | Uint8Array): void {
    if (this.#state !== "over") this.#power.emit(this.#target, event, value);
  }

  #later(delayMs: number, run: () => void): void {
    this.#power.after(delayMs, () => {
      if (this.#state !== "over") run();
    });
  }

  #trace(what: string): void {
    const { world } = this.#power;
    world.trace.add(world.nowMs, "http", what);
  }
}
