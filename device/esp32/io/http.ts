import HTTPClient from "embedded:network/http/client";
import TextDecoder from "text/decoder";
import Timer from "timer";
import type { Http, HttpFailure, HttpRequest, HttpResult } from "../ports.ts";
import { type Attempt, connectionOptions } from "./connection.ts";
import { EarlyAnswerSocket } from "./early-answer.ts";
import type { Enter } from "./entry.ts";
import { Pieces } from "./pieces.ts";
import { parseUrl, type Url } from "./url.ts";

/** The largest answer we ask for without a sink is an update offer with its signed manifest, about 3 KB. */
const ANSWER_BYTES_MAX = 8192;

/** One TCP segment of the SDK's lwIP (LWIP_TCP_MSS): a larger buffer would not send faster. */
const SEGMENT_BYTES = 1436;

export class BoardHttp implements Http {
  readonly #enter: Enter;

  constructor(enter: Enter) {
    this.#enter = enter;
  }

  request(request: HttpRequest, done: (result: HttpResult) => void): void {
    const url = parseUrl(request.url);
    if (url?.scheme === "http" || url?.scheme === "https") {
      new Exchange(url, request, this.#enter, done);
    } else {
      Timer.set(() => this.#enter(() => done({ kind: "failed", reason: "bad_url" })));
    }
  }
}

type WritableRequest = { write(bytes: Uint8Array): number | undefined };
type ReadableRequest = { read(bytesMax: number): ArrayBuffer | undefined };

class Exchange {
  readonly #request: HttpRequest;
  /** A piece of the body is read into it and written from it in one go. */
  readonly #segment: Uint8Array;
  readonly #enter: Enter;
  readonly #done: (result: HttpResult) => void;
  readonly #attempt: Attempt = { abandoned: false };
  readonly #client: HTTPClient;
  readonly #timeout: Timer;
  readonly #answer = new Pieces(ANSWER_BYTES_MAX);
  #idleTimeout: Timer | undefined;
  #status = 0;
  #unsentBytes: number;
  #writableBytes = 0;
  /** The body has nothing for now and will call back. */
  #starved = false;
  /** The answer has begun: what is left of the body is no longer read. */
  #bodyDropped = false;

  constructor(url: Url, request: HttpRequest, enter: Enter, done: (result: HttpResult) => void) {
    this.#request = request;
    this.#enter = enter;
    this.#done = done;
    this.#unsentBytes = request.body?.lengthBytes ?? 0;
    this.#segment = new Uint8Array(Math.min(SEGMENT_BYTES, this.#unsentBytes));
    this.#timeout = Timer.set(() => this.fail("timeout"), request.timeoutMs);
    this.awaitNext();
    this.#client = new HTTPClient(this.options(url));
    this.start(url);
  }

  private options(url: Url) {
    const options = connectionOptions(url, this.#attempt);
    const { io: transport, ...rest } = options.socket;
    return {
      ...options,
      socket: { ...rest, io: EarlyAnswerSocket, transport, dropBody: () => this.dropBody() },
    };
  }

  private dropBody(): boolean {
    this.#bodyDropped = true;
    this.#starved = false;
    return this.#unsentBytes > 0;
  }

  /** No headersMask here: 8.2.3 throws when a masked header is cut by the end of a packet. */
  private start(url: Url): void {
    const headers = new Map(this.#request.headers);
    if (this.#request.method !== "GET") headers.set("content-length", String(this.#unsentBytes));
    const exchange = this;
    this.#client.request({
      method: this.#request.method,
      path: url.target,
      headers,
      onWritable(count) {
        // All that may be written, not what may be written more: it replaces what was known.
        exchange.#writableBytes = count;
        // The typings say that write returns nothing; it returns what may be written next.
        exchange.send(this as unknown as WritableRequest);
      },
      onHeaders(status, headers) {
        exchange.begin(status, headers);
      },
      onReadable(count) {
        exchange.receive(this, count);
      },
      onDone(error) {
        if (error) exchange.fail("connection");
        else exchange.succeed();
      },
    });
  }

  private send(request: WritableRequest): void {
    while (this.#writableBytes > 0 && this.#unsentBytes > 0) {
      if (this.#starved || this.#attempt.abandoned) return;
      const lengthBytes = Math.min(this.#writableBytes, this.#segment.length, this.#unsentBytes);
      const piece = this.#segment.subarray(0, lengthBytes);
      const count = this.#bodyDropped ? lengthBytes : this.read(piece);
      if (count === undefined) return this.fail("body_broken");
      if (count === 0) return this.starve(request);
      this.#unsentBytes -= count;
      // Nothing, or no number, comes from a socket that is already dead.
      this.#writableBytes = request.write(piece.subarray(0, count)) ?? 0;
    }
  }

  private read(into: Uint8Array): number | undefined {
    let count: number | undefined;
    this.#enter(() => {
      count = this.#request.body?.read(into);
    });
    return count;
  }

  /**
   * Only the body wakes us: the client tells of room once. And it wakes us by a timer, because it calls back deep in the
   * firmware's stack, and what the SDK throws while we write is no bug of the firmware.
   */
  private starve(request: WritableRequest): void {
    this.#starved = true;
    this.#enter(() => {
      const { body } = this.#request;
      if (body?.whenReadable === undefined) throw new Error("http: a body ended early");
      body.whenReadable(() => {
        Timer.set(() => {
          this.#starved = false;
          this.send(request);
        });
      });
    });
  }

  private begin(status: number, headers: ReadonlyMap<string, string>): void {
    this.#status = status;
    const { sink } = this.#request;
    if (sink === undefined || this.#attempt.abandoned) return;
    this.awaitNext();
    this.offer(() => sink.begin(status, (name) => headers.get(name)));
  }

  /** The client tells of bytes once, so all of them are read: in pieces, because 8 KB wait when flash was erased. */
  private receive(request: ReadableRequest, count: number): void {
    this.awaitNext();
    for (let unreadBytes = count; unreadBytes > 0 && !this.#attempt.abandoned; ) {
      const bytes = request.read(Math.min(unreadBytes, SEGMENT_BYTES));
      if (!bytes) return;
      unreadBytes -= bytes.byteLength;
      this.take(bytes);
    }
  }

  private take(bytes: ArrayBuffer): void {
    const { sink } = this.#request;
    if (sink !== undefined) this.offer(() => sink.write(new Uint8Array(bytes)));
    else if (!this.#answer.add(bytes)) this.fail("answer_too_large");
  }

  private offer(take: () => boolean): void {
    let isWanted = false;
    this.#enter(() => {
      isWanted = take();
    });
    if (!isWanted) this.succeed();
  }

  /** From the start on: a TLS handshake that failed would otherwise take the whole exchange's time. */
  private awaitNext(): void {
    const { sink } = this.#request;
    if (sink === undefined || this.#attempt.abandoned) return;
    Timer.clear(this.#idleTimeout);
    this.#idleTimeout = Timer.set(() => this.fail("timeout"), sink.idleTimeoutMs);
  }

  private succeed(): void {
    const body = new TextDecoder().decode(this.#answer.take());
    this.settle({ kind: "answered", status: this.#status, body });
  }

  private fail(reason: HttpFailure): void {
    this.settle({ kind: "failed", reason });
  }

  /**
   * Later, from a timer of its own: the SDK's client is in the middle of a callback here and swallows what is
   * thrown in some of them.
   */
  private settle(result: HttpResult): void {
    if (this.#attempt.abandoned) return;
    this.#attempt.abandoned = true;
    Timer.clear(this.#timeout);
    Timer.clear(this.#idleTimeout);
    Timer.set(() => {
      this.#client.close();
      this.#enter(() => this.#done(result));
    });
  }
}
