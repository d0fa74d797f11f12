import type { RandomStream } from "../random.ts";
import type { World } from "../world.ts";

/** 8N1: a start bit, eight data bits, a stop bit. */
const BITS_A_BYTE = 10;

export interface UartFaults {
  /** Chance of each byte on the wire to arrive with one bit flipped. */
  corruptByteRate: number;
}

/** One direction of a serial line: bytes arrive when their last bit has passed, in order, possibly corrupted. */
export class UartLine {
  readonly #world: World;
  readonly #name: string;
  readonly #faults: UartFaults;
  readonly #random: RandomStream;
  readonly #arrived: (bytes: Uint8Array) => void;
  #idleAtMs = 0;
  baud = 115_200;

  constructor(
    world: World,
    name: string,
    faults: UartFaults,
    arrived: (bytes: Uint8Array) => void,
  ) {
    this.#world = world;
    this.#name = name;
    this.#faults = faults;
    this.#random = world.random(`uart/${name}`);
    this.#arrived = arrived;
  }

  /** What was sent and has not left yet. */
  queuedBytes(): number {
    const leftMs = Math.max(0, this.#idleAtMs - this.#world.nowMs);
    return Math.ceil((leftMs * this.baud) / (BITS_A_BYTE * 1000));
  }

  /** Takes a copy: the sender's buffer may change. */
  send(bytes: Uint8Array): void {
    const onWire = this.#withNoise(bytes);
    const { nowMs } = this.#world;
    const durationMs = (bytes.length * BITS_A_BYTE * 1000) / this.baud;
    this.#idleAtMs = Math.max(this.#idleAtMs, nowMs) + durationMs;
    this.#world.after(this.#idleAtMs - nowMs, () => {
      this.#world.trace.add(this.#world.nowMs, this.#name, `uart ${onWire.length}`);
      this.#arrived(onWire);
    });
  }

  #withNoise(bytes: Uint8Array): Uint8Array {
    const copy = bytes.slice();
    if (this.#faults.corruptByteRate === 0) return copy;
    for (let at = 0; at < copy.length; at++) {
      if (this.#random() >= this.#faults.corruptByteRate) continue;
      copy[at] = (copy[at] as number) ^ (1 << Math.floor(this.#random() * 8));
    }
    return copy;
  }
}

/** The receive ring of native/uart_ring.c: what does not fit is lost and counted. */
export class UartRing {
  readonly #capacityBytes: number;
  #chunks: Uint8Array[] = [];
  #heldBytes = 0;
  #lostBytes = 0;

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  get lostBytes(): number {
    return this.#lostBytes;
  }

  push(bytes: Uint8Array): void {
    const room = this.#capacityBytes - this.#heldBytes;
    const kept = bytes.subarray(0, room);
    this.#lostBytes += bytes.length - kept.length;
    if (kept.length === 0) return;
    this.#chunks.push(kept);
    this.#heldBytes += kept.length;
  }

  read(into: Uint8Array): number {
    let done = 0;
    while (done < into.length && this.#chunks.length > 0) {
      const chunk = this.#chunks[0] as Uint8Array;
      const piece = chunk.subarray(0, into.length - done);
      into.set(piece, done);
      done += piece.length;
      if (piece.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(piece.length);
    }
    this.#heldBytes -= done;
    return done;
  }

  clear(): void {
    this.#chunks = [];
    this.#heldBytes = 0;
    this.#lostBytes = 0;
  }
}
