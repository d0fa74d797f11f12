import HTTPClient from "embedded:network/http/client";
import { connectionOptions } from "../../device/esp32/io/connection.ts";
import { parseUrl } from "../../device/esp32/io/url.ts";
import type { Http, HttpRequest, HttpResult, Time } from "../../device/esp32/ports.ts";
import { markHeap } from "./heap.js";

/** Of the answer of a server that then says no more. */
const SENT_BYTES = 65_536;
const SILENCE_MS = 1_000;

/** What the SDK's client takes by itself, while it hands on bytes that nobody keeps. */
export function measureClient(address: string, done: () => void): void {
  const url = parseUrl(address);
  if (url === undefined) throw new Error(`no URL: ${address}`);
  const client = new HTTPClient(connectionOptions(url, { abandoned: false }));
  let unreadBytes = SENT_BYTES;
  client.request({
    path: url.target,
    onReadable(count) {
      unreadBytes -= this.read(count)?.byteLength ?? 0;
      if (unreadBytes > 0) return;
      markHeap("client");
      client.close();
      done();
    },
  });
}

/** What any exchange of the firmware takes: bytes that nobody keeps, and then an open connection on which none come. */
export function measureExchange(http: Http, time: Time, url: string, done: () => void): void {
  let unreadBytes = SENT_BYTES;
  const sink = {
    idleTimeoutMs: SILENCE_MS,
    begin: () => true,
    write({ length }: Uint8Array) {
      unreadBytes -= length;
      if (unreadBytes === 0) time.after(SILENCE_MS / 2, () => markHeap("exchange"));
      return true;
    },
  };
  http.request({ method: "GET", url, headers: [], sink, timeoutMs: 60 * SILENCE_MS }, done);
}

/** Where an exchange begins and where it ends, a step of the update ends: in this order, and then the gate's. */
const STEPS = ["ask", "ask", "offer", "download"];

export class MarkedHttp implements Http {
  readonly #http: Http;
  #marks = 0;

  constructor(http: Http) {
    this.#http = http;
  }

  request(request: HttpRequest, done: (result: HttpResult) => void): void {
    this.#mark();
    this.#http.request(request, (result) => {
      this.#mark();
      done(result);
    });
  }

  #mark(): void {
    markHeap(STEPS[this.#marks++] ?? "gate");
  }
}
