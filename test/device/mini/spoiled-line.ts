/** The TypeScript feeder's end and the C++ camera on one line, which loses and spoils what it is told to. */
import { FRAME_BYTES_MAX, wireBytesMax } from "../../../device/amb82-bridge/link/frame.ts";
import { encodeFrame, FrameDecoder } from "../../../device/amb82-bridge/link/frame-codec.ts";
import type { FrameWire } from "../../../device/amb82-bridge/link/frame-wire.ts";
import type { CameraOnALine, Departure } from "./camera-on-a-line.ts";

const DAMAGES = ["drop", "flip", "twice", "noise", "cut"] as const;

/** Chance of a test: the same numbers for the same seed. */
export function diceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One frame's bytes after the way, with `share` of the frames spoiled. */
export function spoilerOf(seed: number, share: number): (bytes: Buffer) => Buffer {
  const dice = diceOf(seed);
  return (bytes) => {
    if (dice() >= share) return bytes;
    const at = Math.floor(dice() * bytes.length);
    switch (DAMAGES[Math.floor(dice() * DAMAGES.length)]) {
      case "flip":
        return Buffer.from(
          bytes.map((byte, index) => (index === at ? byte ^ (1 << (at & 7)) : byte)),
        );
      case "twice":
        return Buffer.concat([bytes, bytes]);
      case "noise":
        return Buffer.concat([Buffer.from("Boot from flash\r\n"), bytes]);
      case "cut":
        return bytes.subarray(0, at);
      default:
        return Buffer.alloc(0);
    }
  };
}

/** At another rate start and stop bits fall anywhere: bytes, some of them zero, but no frame. */
function heardAt(bitsPerSecond: number, { bytes, ...sent }: Departure): Buffer {
  if (sent.bitsPerSecond === bitsPerSecond) return bytes;
  return Buffer.from(bytes.map((byte, at) => (at % 7 === 6 ? 0 : byte ^ 0xb6)));
}

export class FeederWire implements FrameWire {
  bitsPerSecond = 115_200;
  nowMs = 0;
  readonly #decoder = new FrameDecoder();
  readonly #leaving: Departure[] = [];
  #waiting: Buffer = Buffer.alloc(0);
  #freeAtMs = 0;

  send(frame: Uint8Array, lengthBytes: number): boolean {
    if (this.#freeAtMs > this.nowMs + 1) return false;
    const sealed = new Uint8Array(FRAME_BYTES_MAX);
    sealed.set(frame.subarray(0, lengthBytes));
    const wire = new Uint8Array(wireBytesMax(FRAME_BYTES_MAX));
    const bytes = Buffer.from(wire.subarray(0, encodeFrame(sealed, lengthBytes, wire)));
    const startMs = Math.max(this.#freeAtMs, this.nowMs);
    this.#freeAtMs = startMs + (bytes.length * 10_000) / this.bitsPerSecond;
    this.#leaving.push({ atMs: this.#freeAtMs, bitsPerSecond: this.bitsPerSecond, bytes });
    return true;
  }

  receive(into: Uint8Array): number {
    const taken = this.#decoder.decode(this.#waiting, 0, this.#waiting.length);
    this.#waiting = this.#waiting.subarray(taken);
    into.set(this.#decoder.frame.subarray(0, this.#decoder.frameLength));
    return this.#decoder.frameLength;
  }

  sent(): boolean {
    return this.#freeAtMs <= this.nowMs;
  }

  setRate(bitsPerSecond: number): void {
    this.bitsPerSecond = bitsPerSecond;
    this.#decoder.reset();
  }

  noise(): number {
    return this.#decoder.noise;
  }

  hear(bytes: Buffer): void {
    this.#waiting = Buffer.concat([this.#waiting, bytes]);
  }

  takeDepartures(): Departure[] {
    const count = this.#leaving.filter(({ atMs }) => atMs <= this.nowMs).length;
    return this.#leaving.splice(0, count);
  }
}

/** A millisecond of both directions; what is spoiled is spoiled a frame at a time. */
export async function carry(
  line: CameraOnALine,
  wire: FeederWire,
  spoil: (bytes: Buffer) => Buffer,
): Promise<void> {
  for (const departure of wire.takeDepartures()) {
    const bytes = spoil(heardAt(line.bitsPerSecond, departure));
    if (bytes.length > 0) await line.hear(bytes);
  }
  await line.advance(wire.nowMs);
  const left = line.departures.filter(({ atMs }) => atMs <= wire.nowMs).length;
  for (const departure of line.departures.splice(0, left)) {
    wire.hear(spoil(heardAt(wire.bitsPerSecond, departure)));
  }
}
