import type { AnswerBody } from "../network/answer-body.ts";
import type { Trust } from "../network/certificate-judge.ts";
import { type Answer, BODY_AHEAD_BYTES, type Internet } from "../network/internet.ts";
import type { PowerCycle } from "./power.ts";
import type { Radio } from "./radio.ts";

/** TCP_SND_BUF of the SDK's lwIP: what a client may write before the radio has sent any of it. */
const SEND_BUFFER_BYTES = 8192;
/** TCP_WND: what may come while the firmware takes none of it. */
const WINDOW_BYTES = 8192;
/** TCP_MSS: what comes as one event. */
const SEGMENT_BYTES = 1436;
const CONNECT_MS = 30;
/** TCP sends again what was lost; its waits double from here, ours do not. */
const RETRANSMIT_MS = 1_000;

interface HttpAsked {
  readonly url: string;
  readonly method: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly trust: Trust;
}

/** One HTTP exchange of the firmware: its body leaves at the radio's pace, and so does its answer come. */
export class HttpExchange {
  readonly #power: PowerCycle;
  readonly #internet: Internet;
  readonly #radio: Radio;
  readonly #target: number;
  readonly #request: HttpAsked;
  readonly #body: Uint8Array<ArrayBuffer>;
  /** In the trace. */
  readonly #name: string;
  #state: "connecting" | "open" | "over" = "connecting";
  #writtenBytes = 0;
  #sentBytes = 0;
  /** When the radio will have sent all that was written. */
  #sentAtMs = 0;
  #answer: AnswerBody | undefined;
  /** Of the answer's body, as far as the server announced it. */
  #leftBytes = Number.POSITIVE_INFINITY;
  /** When its last segment had come, taken by the firmware or not. */
  #cameAtMs = 0;

  constructor(
    power: PowerCycle,
    internet: Internet,
    radio: Radio,
    target: number,
    request: HttpAsked,
  ) {
    this.#power = power;
    this.#internet = internet;
    this.#radio = radio;
    this.#target = target;
    this.#request = request;
    this.#body = new Uint8Array(Number(request.headers.get("content-length") ?? 0));
    this.#name = `${request.method} ${new URL(request.url).pathname.slice(0, 40)}`;
    this.#trace(`${this.#name} ${this.#body.length}`);
    this.#later(CONNECT_MS, () => this.#connected());
  }

  /** Takes the next bytes of the body; answers how many more may be written now. */
  write(bytes: Uint8Array): number {
    if (this.#state !== "open") throw new Error("http: bad state");
    if (bytes.length > this.#writable()) throw new Error("http: would block");
    this.#body.set(bytes, this.#writtenBytes);
    this.#writtenBytes += bytes.length;
    const { nowMs } = this.#power;
    this.#sentAtMs = Math.max(nowMs, this.#sentAtMs) + bytes.length / this.#radio.uplinkBytesPerMs;
    this.#radio.carries("sending", bytes.length);
    this.#later(this.#sentAtMs - nowMs, () => this.#left(bytes.length));
    return this.#writable();
  }

  close(): void {
    this.#state = "over";
    this.#answer?.cancel();
  }

  #connected(): void {
    if (!this.#arrives()) return;
    this.#state = "open";
    const { connectionLifetimeMs } = this.#radio;
    if (connectionLifetimeMs < Number.POSITIVE_INFINITY) {
      this.#later(connectionLifetimeMs, () => this.#end("error"));
    }
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
    if (!this.#radio.reaches()) return false;
    const { reachability } = this.#internet;
    if (reachability === "refused") this.#end("error");
    return reachability === "up";
  }

  #writable(): number {
    const buffered = this.#writtenBytes - this.#sentBytes;
    return Math.min(SEND_BUFFER_BYTES - buffered, this.#body.length - this.#writtenBytes);
  }

  #ask(): void {
    const { url, method, headers, trust } = this.#request;
    const sent = new Headers([...headers]);
    const body = this.#body.length > 0 ? this.#body : null;
    const reaches = () => this.#radio.reaches();
    const request = { url, method, headers: sent, body, trust };
    this.#internet.exchange(request, reaches, (answer) => {
      this.#power.after(0, () => this.#answered(answer));
    });
  }

  #answered(answer: Answer): void {
    if (answer.kind === "refused") return this.#end("error");
    if (this.#state === "over") return answer.body.cancel();
    const announced = answer.headers.get("content-length");
    this.#trace(`answer ${answer.status} ${announced ?? "chunked"} to ${this.#name}`);
    if (announced !== undefined) this.#leftBytes = Number(announced);
    this.#answer = answer.body;
    this.#cameAtMs = this.#power.nowMs;
    this.#emit("headers", answer.status, JSON.stringify([...answer.headers]));
    this.#deliver(answer.body);
  }

  /** The next segment is there; the first one came with the headers. */
  #deliver(body: AnswerBody): void {
    const bytes = body.take(Math.min(SEGMENT_BYTES, this.#leftBytes));
    this.#leftBytes -= bytes.length;
    if (bytes.length > 0) {
      this.#radio.carries("receiving", bytes.length);
      this.#emit("readable", bytes);
    }
    if (this.#leftBytes === 0) this.#end("done");
    else if (body.heldBytes > 0) this.#await(body);
    else if (body.state === "coming") this.#refill(body);
    else this.#end(body.state === "whole" && !this.#isAnnounced() ? "done" : "error");
  }

  #isAnnounced(): boolean {
    return this.#leftBytes < Number.POSITIVE_INFINITY;
  }

  #refill(body: AnswerBody): void {
    this.#power.world.settle(body.fill(BODY_AHEAD_BYTES), 0, () => this.#await(body));
  }

  #await(body: AnswerBody): void {
    const { downlinkBytesPerMs } = this.#radio;
    const { nowMs } = this.#power;
    const bytes = Math.min(SEGMENT_BYTES, this.#leftBytes, body.heldBytes);
    const sentFromMs = Math.max(this.#cameAtMs, nowMs - WINDOW_BYTES / downlinkBytesPerMs);
    this.#cameAtMs = sentFromMs + bytes / downlinkBytesPerMs;
    this.#later(this.#cameAtMs - nowMs, () => this.#come(body));
  }

  #come(body: AnswerBody): void {
    if (this.#arrives()) this.#deliver(body);
    else this.#later(RETRANSMIT_MS, () => this.#come(body));
  }

  #end(event: "done" | "error"): void {
    this.#emit(event);
    this.close();
  }

  #emit(event: string, ...values: (number | string | Uint8Array)[]): void {
    if (this.#state !== "over") this.#power.emit(this.#target, event, ...values);
  }

  #later(delayMs: number, run: () => void): void {
    this.#power.after(delayMs, () => {
      if (this.#state !== "over") run();
    });
  }

  #trace(what: string): void {
    const { world } = this.#power;
    world.trace.add(world.nowMs, `http/${this.#radio.deviceId}`, what);
  }
}
