import type { BulkRun } from "../../../device/amb82-bridge/link/bulk-sender.ts";
import type { MessageType } from "../../../device/amb82-bridge/link/frame.ts";
import {
  FRAME_BYTES_MAX,
  frameType,
  wireBytesMax,
} from "../../../device/amb82-bridge/link/frame.ts";
import { encodeFrame, FrameDecoder } from "../../../device/amb82-bridge/link/frame-codec.ts";
import type { FrameWire } from "../../../device/amb82-bridge/link/frame-wire.ts";
import type { LinkIdentity } from "../../../device/amb82-bridge/link/hello-exchange.ts";
import { LinkEndpoint, type LinkEvents } from "../../../device/amb82-bridge/link/link-endpoint.ts";

/** What happens to one frame's bytes on the way. */
export type Damage = "none" | "drop" | "flip" | "twice" | "noise" | "cut";

interface Arrival {
  readonly atMs: number;
  readonly bitsPerSecond: number;
  readonly bytes: Uint8Array;
}

export interface SentFrame {
  readonly atMs: number;
  readonly type: number;
  readonly wireBytes: number;
}

/** One end's wire: paced, in order, spoilt as told, and garbage for an end that listens at another rate. */
export class PacedWire implements FrameWire {
  readonly sentFrames: SentFrame[] = [];
  nowMs = 0;
  bitsPerSecond = 115_200;
  readonly #damage: () => Damage;
  readonly #decoder = new FrameDecoder();
  readonly #arrivals: Arrival[] = [];
  #waiting = new Uint8Array(0);
  #idleAtMs = 0;
  #peer: PacedWire | undefined;

  constructor(damage: () => Damage) {
    this.#damage = damage;
  }

  connect(peer: PacedWire): void {
    this.#peer = peer;
  }

  send(frame: Uint8Array, lengthBytes: number): boolean {
    if (this.#idleAtMs > this.nowMs + 1) return false;
    const wire = new Uint8Array(wireBytesMax(FRAME_BYTES_MAX));
    const sealed = new Uint8Array(FRAME_BYTES_MAX);
    sealed.set(frame.subarray(0, lengthBytes));
    const bytes = wire.slice(0, encodeFrame(sealed, lengthBytes, wire));
    this.sentFrames.push({ atMs: this.nowMs, type: frameType(frame), wireBytes: bytes.length });
    this.#put(spoil(bytes, this.#damage()));
    return true;
  }

  receive(into: Uint8Array): number {
    this.#collect();
    const taken = this.#decoder.decode(this.#waiting, 0, this.#waiting.length);
    this.#waiting = this.#waiting.subarray(taken);
    into.set(this.#decoder.frame.subarray(0, this.#decoder.frameLength));
    return this.#decoder.frameLength;
  }

  sent(): boolean {
    return this.#idleAtMs <= this.nowMs;
  }

  setRate(bitsPerSecond: number): void {
    this.bitsPerSecond = bitsPerSecond;
    this.#decoder.reset();
  }

  noise(): number {
    return this.#decoder.noise;
  }

  /** Something on the wire that no end has sent. */
  hear(bytes: Uint8Array): void {
    this.#arrivals.push({ atMs: this.nowMs, bitsPerSecond: this.bitsPerSecond, bytes });
  }

  /** This end's power is gone: what it was sending stops in the middle. */
  lose(): void {
    this.#idleAtMs = this.nowMs;
    this.#waiting = new Uint8Array(0);
    this.bitsPerSecond = 115_200;
    this.#decoder.reset();
    const { nowMs } = this;
    if (this.#peer === undefined) return;
    const onItsWay = this.#peer.#arrivals;
    for (let index = onItsWay.length - 1; index >= 0; index--) {
      const { atMs, bytes, bitsPerSecond } = onItsWay[index] as Arrival;
      if (atMs <= nowMs) continue;
      const leftBytes = Math.floor(((atMs - nowMs) * bitsPerSecond) / 10_000);
      const kept = bytes.slice(0, Math.max(0, bytes.length - leftBytes));
      onItsWay[index] = { atMs: nowMs, bitsPerSecond, bytes: kept };
    }
  }

  #put(bytes: Uint8Array): void {
    this.#idleAtMs =
      Math.max(this.#idleAtMs, this.nowMs) + (bytes.length * 10_000) / this.bitsPerSecond;
    const { bitsPerSecond } = this;
    if (this.#peer !== undefined)
      this.#peer.#arrivals.push({ atMs: this.#idleAtMs, bitsPerSecond, bytes });
  }

  #collect(): void {
    for (;;) {
      const next = this.#arrivals[0];
      if (next === undefined || next.atMs > this.nowMs) return;
      this.#arrivals.shift();
      const heard = next.bitsPerSecond === this.bitsPerSecond ? next.bytes : garbled(next.bytes);
      this.#waiting = Uint8Array.from([...this.#waiting, ...heard]);
    }
  }
}

function spoil(bytes: Uint8Array, damage: Damage): Uint8Array {
  switch (damage) {
    case "none":
      return bytes;
    case "drop":
      return new Uint8Array(0);
    case "flip":
      return bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 0x20 : byte));
    case "twice":
      return Uint8Array.from([...bytes, ...bytes]);
    case "noise":
      return Uint8Array.from([0x42, 0x6f, 0x6f, 0x74, 0x0d, 0x0a, ...bytes]);
    case "cut":
      return bytes.slice(0, bytes.length >> 1);
  }
}

/** At another rate start and stop bits fall anywhere: bytes, some of them zero, but no frame. */
function garbled(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, at) => (at % 7 === 6 ? 0 : byte ^ 0xb6));
}

const FEEDER: LinkIdentity = {
  firmware: "0.1.0",
  capabilities: () => [],
  bauds: [115_200, 460_800, 921_600],
  leadsRate: true,
  bufferBytes: 8192,
  frameBytesMax: FRAME_BYTES_MAX,
};

export interface EndOptions {
  readonly damage?: () => Damage;
  readonly identity?: Partial<LinkIdentity>;
  readonly events?: Partial<LinkEvents>;
}

/** An end with its wire; what it receives is kept. */
export class TestEnd {
  readonly wire: PacedWire;
  readonly link: LinkEndpoint;
  readonly received: { type: MessageType; record: Record<string, unknown> }[] = [];
  readonly data: Uint8Array[] = [];
  starts = 0;

  constructor(leadsRate: boolean, options: EndOptions) {
    this.wire = new PacedWire(options.damage ?? (() => "none"));
    const events: LinkEvents = {
      peerStarted: () => {
        this.starts++;
      },
      received: (type, record) => {
        this.received.push({ type, record });
      },
      data: (bytes, start, end) => {
        this.data.push(bytes.slice(start, end));
      },
      roomBytes: () => 0xffff,
      peek: () => false,
      advance: () => {},
      copy: () => 0,
      ...options.events,
    };
    this.link = new LinkEndpoint(this.wire, events, {
      ...FEEDER,
      leadsRate,
      ...options.identity,
    });
  }
}

export function pairedEnds(feeder: EndOptions = {}, camera: EndOptions = {}) {
  const ends = { feeder: new TestEnd(true, feeder), camera: new TestEnd(false, camera) };
  ends.feeder.wire.connect(ends.camera.wire);
  ends.camera.wire.connect(ends.feeder.wire);
  return ends;
}

/** Polls both ends every millisecond. */
export function runEnds(
  ends: ReturnType<typeof pairedEnds>,
  fromMs: number,
  untilMs: number,
): void {
  for (let nowMs = fromMs; nowMs < untilMs; nowMs++) {
    for (const end of [ends.camera, ends.feeder]) {
      end.wire.nowMs = nowMs;
      end.link.poll(nowMs);
    }
  }
}

/** A source of frames of known content: `bytes` from its first one on, once `start` was called. */
export function bulkOf(bytes: Uint8Array) {
  let at = bytes.length;
  return {
    start: () => {
      at = 0;
    },
    source: {
      peek: (run: BulkRun, bytesMax: number) => {
        run.id = 7;
        run.fileOffsetBytes = at;
        run.lengthBytes = Math.min(bytesMax, bytes.length - at);
        return run.lengthBytes > 0;
      },
      advance: (run: BulkRun) => {
        at = run.fileOffsetBytes + run.lengthBytes;
      },
      copy: (run: BulkRun, into: Uint8Array, start: number) => {
        into.set(bytes.subarray(run.fileOffsetBytes, run.fileOffsetBytes + run.lengthBytes), start);
        return run.lengthBytes;
      },
    },
  };
}

export function contentOf(data: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(data.flatMap((payload) => [...payload.subarray(6)]));
}
