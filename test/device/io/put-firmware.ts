/** Firmware of an experiment: on joining the Wi-Fi it PUTs one body whose bytes come as planned. */
import WiFi from "embedded:network/interface/wifi";
import Timer from "timer";
import { BoardHttp } from "../../../device/esp32/io/http.ts";
import type { HttpBody, HttpResult } from "../../../device/esp32/ports.ts";

export interface PutPlan {
  readonly lengthBytes: number;
  readonly arrivals: readonly { readonly afterMs: number; readonly bytes: number }[];
  /** After the last arrival: nothing more, ever, or the news that there is no more. */
  readonly thenBreaks: boolean;
  readonly timeoutMs: number;
}

/** What the board traces when it is done. */
export interface PutOutcome {
  readonly result: HttpResult;
  /** Reads made although the body had nothing and had not called back since. */
  readonly idleReads: number;
}

declare const plan: PutPlan;

const JOINED = 500;

class ArrivingBody implements HttpBody {
  readonly lengthBytes = plan.lengthBytes;
  idleReads = 0;
  isUsedUp = false;
  #arrivals = 0;
  #waitingBytes = 0;
  #readBytes = 0;
  #resume: (() => void) | undefined;

  constructor() {
    this.#awaitNext();
  }

  read(into: Uint8Array): number | undefined {
    if (this.isUsedUp) throw new Error("read after the exchange was over");
    if (this.#resume !== undefined) this.idleReads++;
    if (this.#waitingBytes === 0 && this.#isBroken()) return undefined;
    const count = Math.min(into.length, this.#waitingBytes);
    for (let at = 0; at < count; at++) into[at] = (this.#readBytes + at) % 251;
    this.#waitingBytes -= count;
    this.#readBytes += count;
    return count;
  }

  whenReadable(resume: () => void): void {
    this.#resume = resume;
  }

  #awaitNext(): void {
    const next = plan.arrivals[this.#arrivals];
    if (next !== undefined) Timer.set(() => this.#arrive(next.bytes), next.afterMs);
  }

  #arrive(bytes: number): void {
    this.#arrivals++;
    this.#waitingBytes += bytes;
    this.#awaitNext();
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  #isBroken(): boolean {
    return plan.thenBreaks && this.#arrivals === plan.arrivals.length;
  }
}

function put(): void {
  const body = new ArrivingBody();
  const request = {
    method: "PUT",
    url: "http://server.test/fput/clip",
    headers: [],
    body,
    timeoutMs: plan.timeoutMs,
  } as const;
  new BoardHttp((run) => run()).request(request, (result) => {
    body.isUsedUp = true;
    trace(JSON.stringify({ result, idleReads: body.idleReads } satisfies PutOutcome));
  });
}

const wifi = new WiFi({
  onChanged: () => {
    if (wifi.connection === JOINED) put();
  },
});
wifi.connect({ SSID: "garden", password: "eight-or-more" });
