import HTTPClient from "embedded:network/http/client";
import TextDecoder from "text/decoder";
import Timer from "timer";
import type { Http, HttpRequest, HttpResult } from "../ports.ts";
import { type Attempt, connectionOptions } from "./connection.ts";
import { EarlyAnswerSocket } from "./early-answer.ts";
import type { Enter } from "./entry.ts";
import { Pieces } from "./pieces.ts";
import { parseUrl, type Url } from "./url.ts";

/** The largest answer we ask for is an update offer with its signed manifest, about 3 KB. */
const ANSWER_BYTES_MAX = 8192;

/** One TCP segment of the SDK's lwIP (LWIP_TCP_MSS): a larger buffer would not send faster. */
const SEGMENT_BYTES = 1436;

export class BoardHttp implements Http {
  /** Shared by all exchanges: the caller makes one at a time. */
  readonly #segment = new Uint8Array(SEGMENT_BYTES);
  readonly #enter: Enter;

  constructor(enter: Enter) {
    this.#enter = enter;
  }

  request(request: HttpRequest, done: (result: HttpResult) => void): void {
    const url = parseUrl(request.url);
    if (url?.scheme === "http" || url?.scheme === "https") {
      new Exchange(url, request, this.#segment, this.#enter, done);
    } else {
      Timer.set(() => this.#enter(() => done({ kind: "failed", reason: "bad_url" })));
    }
  }
}

type WritableRequest = { write(bytes: Uint8Array): number | undefined };

class Exchange {
  readonly #request: HttpRequest;
  readonly #segment: Uint8Array;
  readonly #enter: Enter;
  readonly #done: (result: HttpResult) => void;
  readonly #attempt: Attempt = { abandoned: false };
  readonly #client: HTTPClient;
  readonly #timeout: Timer;
  readonly #answer = new Pieces(ANSWER_BYTES_MAX);
  #status = 0;
  #unsentBytes: number;

  constructor(
    url: Url,
    request: HttpRequest,
    segment: Uint8Array,
    enter: Enter,
    done: (result: HttpResult) => void,
  ) {
    this.#request = request;
    this.#segment = segment;
    this.#enter = enter;
    this.#done = done;
    this.#unsentBytes = request.body?.lengthBytes ?? 0;
    this.#timeout = Timer.set(() => this.#fail("timeout"), request.timeoutMs);
    this.#client = new HTTPClient(this.#options(url));
    this.#start(url);
  }

  #options(url: Url) {
    const options = connectionOptions(url, this.#attempt);
    const { io: transport, ...rest } = options.socket;
    return {
      ...options,
      socket: { ...rest, io: EarlyAnswerSocket, transport, sending: () => this.#unsentBytes > 0 },
    };
  }

  /** No headersMask here: 8.2.3 throws when a masked header is cut by the end of a packet. */
  #start(url: Url): void {
    const headers = new Map(this.#request.headers);
    if (this.#request.method !== "GET") headers.set("content-length", String(this.#unsentBytes));
    const exchange = this;
    this.#client.request({
      method: this.#request.method,
      path: url.target,
      headers,
      onWritable(count) {
        // The typings say that write returns nothing; it returns what may be written next.
        exchange.#send(this as unknown as WritableRequest, count);
      },
      onHeaders(status) {
        exchange.#status = status;
      },
      onReadable(count) {
        exchange.#receive(this.read(count));
      },
      onDone(error) {
        if (error) exchange.#fail("connection");
        else exchange.#succeed();
      },
    });
  }

  #send(request: WritableRequest, writableBytes: number): void {
    let writable: number | undefined = writableBytes;
    while (writable && writable > 0 && this.#unsentBytes > 0 && !this.#attempt.abandoned) {
      const lengthBytes = Math.min(writable, this.#segment.length, this.#unsentBytes);
      const piece = this.#segment.subarray(0, lengthBytes);
      if (this.#read(piece) !== lengthBytes) return this.#fail("connection");
      this.#unsentBytes -= lengthBytes;
      writable = request.write(piece);
    }
  }

  #read(into: Uint8Array): number {
    let count = 0;
    this.#enter(() => {
      count = this.#request.body?.read(into) ?? 0;
    });
    return count;
  }

  #receive(bytes: ArrayBuffer | undefined): void {
    if (!bytes || this.#attempt.abandoned) return;
    if (!this.#answer.add(bytes)) this.#fail("answer_too_large");
  }

  #succeed(): void {
    const body = new TextDecoder().decode(this.#answer.take());
    this.#settle({ kind: "answered", status: this.#status, body });
  }

  #fail(reason: "timeout" | "connection" | "answer_too_large"): void {
    this.#settle({ kind: "failed", reason });
  }

  /**
   * Later, from a timer of its own: the SDK's client is in the middle of a callback here and swallows what is
   * thrown in some of them.
   */
  #settle(result: HttpResult): void {
    if (this.#attempt.abandoned) return;
    this.#attempt.abandoned = true;
    Timer.clear(this.#timeout);
    Timer.set(() => {
      this.#client.close();
      this.#enter(() => this.#done(result));
    });
  }
}
