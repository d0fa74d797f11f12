/** Firmware of an experiment: on joining the Wi-Fi it GETs one answer, into a sink or without. */
import WiFi from "embedded:network/interface/wifi";
import { BoardHttp } from "../../../device/esp32/io/http.ts";
import type { HttpResult, HttpSink } from "../../../device/esp32/ports.ts";

export interface GetPlan {
  /** Undefined: no sink. */
  readonly idleTimeoutMs: number | undefined;
  /** The sink says no to the piece that would make it more; zero: to the answer itself. */
  readonly wantedBytes: number;
  readonly timeoutMs: number;
}

/** What the board traces when it is done. */
export interface GetOutcome {
  readonly result: HttpResult;
  /** In the order they came: the answer's status and two of its headers, and then pieces. */
  readonly begun: readonly (string | number | undefined)[];
  readonly takenBytes: number;
  readonly pieceBytesMax: number;
  readonly isIntact: boolean;
}

declare const plan: GetPlan;

const JOINED = 500;

class CountingSink implements HttpSink {
  readonly idleTimeoutMs: number;
  readonly begun: (string | number | undefined)[] = [];
  takenBytes = 0;
  pieceBytesMax = 0;
  isIntact = true;

  constructor(idleTimeoutMs: number) {
    this.idleTimeoutMs = idleTimeoutMs;
  }

  begin(status: number, header: (name: string) => string | undefined): boolean {
    if (this.takenBytes > 0) throw new Error("begun after its first piece");
    this.begun.push(status, header("etag"), header("x-nothing"));
    return plan.wantedBytes > 0;
  }

  write(bytes: Uint8Array): boolean {
    if (this.begun.length === 0) throw new Error("a piece before the beginning");
    if (this.takenBytes + bytes.length > plan.wantedBytes) return false;
    for (const byte of bytes) this.isIntact &&= byte === this.takenBytes++ % 251;
    this.pieceBytesMax = Math.max(this.pieceBytesMax, bytes.length);
    return true;
  }
}

function get(): void {
  const { idleTimeoutMs, timeoutMs } = plan;
  const sink = new CountingSink(idleTimeoutMs ?? 0);
  const request = {
    method: "GET",
    url: "http://server.test/image",
    headers: [],
    timeoutMs,
  } as const;
  const asked = idleTimeoutMs === undefined ? request : { ...request, sink };
  new BoardHttp((run) => run()).request(asked, (result) => {
    const { begun, takenBytes, pieceBytesMax, isIntact } = sink;
    trace(JSON.stringify({ result, begun, takenBytes, pieceBytesMax, isIntact }));
  });
}

const wifi = new WiFi({
  onChanged: () => {
    if (wifi.connection === JOINED) get();
  },
});
wifi.connect({ SSID: "garden", password: "eight-or-more" });
