import type { World } from "../world.ts";
import { ByteQueue } from "./byte-queue.ts";
import { BITS_A_BYTE, LineNoise, type UartFaults } from "./line-noise.ts";

/**
 * How many bytes arrive as one event: the receive FIFO of the camera's UART, and less than the 120 bytes at which the
 * feeder's driver is interrupted. A megabyte is 32,768 events; finer would not be seen by either driver.
 */
const RUN_BYTES = 32;
/** A receiver samples the stop bit 9.5 bits after the edge: 5 % between both clocks is the end, 3 % is what is relied on. */
const BAUD_TOLERANCE = 0.03;
/** Below the world's microsecond and above what adding up fractions of it costs. */
const ROUNDING_MS = 1e-5;

interface Run {
  readonly bytes: Uint8Array;
  readonly baud: number;
  /** When its last bit has passed; not rounded, or a long transfer would lose time at each run. */
  readonly endMs: number;
}

/** One direction of a serial line: bytes leave in order at the sender's rate and arrive when their last bit has passed. */
export class UartLine {
  /** Of the bytes that have not begun to leave. */
  senderBaud = 115_200;
  receiverBaud = 115_200;
  readonly #world: World;
  readonly #name: string;
  readonly #faults: UartFaults;
  readonly #noise: LineNoise;
  readonly #arrived: (bytes: Uint8Array) => void;
  readonly #queue = new ByteQueue();
  #run: Run | undefined;
  #waits = false;

  constructor(
    world: World,
    name: string,
    faults: UartFaults,
    arrived: (bytes: Uint8Array) => void,
  ) {
    this.#world = world;
    this.#name = name;
    this.#faults = faults;
    this.#noise = new LineNoise(faults, world.random(`uart/${name}`));
    this.#arrived = arrived;
  }

  /** What was sent and has not left yet; a byte that is leaving counts. */
  queuedBytes(): number {
    if (this.#run === undefined) return this.#queue.heldBytes;
    // Twice the rounding: at `roomAtMs` there is room, or who waits for it would ask again at once for ever.
    const leftMs = Math.max(0, this.#run.endMs - this.#world.nowMs - 2 * ROUNDING_MS);
    return Math.ceil(leftMs / byteMs(this.#run.baud)) + this.#queue.heldBytes;
  }

  /** When no more than `queuedBytes` of what was sent so far are left to leave; now, when that is so. */
  roomAtMs(queuedBytes: number): number {
    const { nowMs } = this.#world;
    const waiting = this.#queue.heldBytes;
    const runEndMs = this.#run?.endMs ?? nowMs;
    const atMs =
      queuedBytes >= waiting
        ? runEndMs - (queuedBytes - waiting) * byteMs(this.#run?.baud ?? this.senderBaud)
        : Math.max(runEndMs, this.#stallEndMs) + (waiting - queuedBytes) * byteMs(this.senderBaud);
    return Math.max(nowMs, wholeUs(atMs));
  }

  /** When the last bit of what was sent so far has left; now, when it has. */
  get idleAtMs(): number {
    return this.roomAtMs(0);
  }

  /** The sender has lost its power: what has not begun to leave never will. */
  cut(): void {
    this.#queue.clear();
  }

  /** Takes a copy: the sender's buffer may change. */
  send(bytes: Uint8Array): void {
    this.#queue.push(this.#noise.sent(bytes));
    if (this.#run === undefined && !this.#waits) this.#leave(this.#world.nowMs);
  }

  /** Less than a microsecond of it would never pass. */
  get #stallEndMs(): number {
    return wholeUs(this.#faults.stallUntilMs);
  }

  #leave(fromMs: number): void {
    if (this.#queue.heldBytes === 0) return;
    if (this.#stallEndMs > this.#world.nowMs) return this.#wait();
    const bytes = new Uint8Array(Math.min(RUN_BYTES, this.#queue.heldBytes));
    this.#queue.read(bytes);
    const endMs = fromMs + bytes.length * byteMs(this.senderBaud);
    const run = { bytes, baud: this.senderBaud, endMs };
    this.#run = run;
    this.#world.after(wholeUs(endMs) - this.#world.nowMs, () => this.#pass(run));
  }

  #wait(): void {
    this.#waits = true;
    this.#world.after(this.#stallEndMs - this.#world.nowMs, () => {
      this.#waits = false;
      this.#leave(this.#world.nowMs);
    });
  }

  #pass(run: Run): void {
    this.#run = undefined;
    this.#leave(run.endMs);
    const ratio = this.receiverBaud / run.baud;
    const understood = Math.abs(ratio - 1) <= BAUD_TOLERANCE;
    const heard = understood
      ? this.#noise.heard(run.bytes)
      : this.#noise.garbled(run.bytes.length, ratio);
    this.#world.trace.add(this.#world.nowMs, this.#name, `uart ${heard.length}`);
    if (heard.length > 0) this.#arrived(heard);
  }
}

function byteMs(baud: number): number {
  return (BITS_A_BYTE * 1000) / baud;
}

/** The world's clock counts whole microseconds; nothing is there before its last bit. */
function wholeUs(timeMs: number): number {
  return Math.ceil((timeMs - ROUNDING_MS) * 1000) / 1000;
}

/** The receive ring of a driver: what does not fit is lost and counted. */
export class UartRing {
  readonly #capacityBytes: number;
  readonly #queue = new ByteQueue();
  #lostBytes = 0;

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  get lostBytes(): number {
    return this.#lostBytes;
  }

  push(bytes: Uint8Array): void {
    const kept = bytes.subarray(0, this.#capacityBytes - this.#queue.heldBytes);
    this.#lostBytes += bytes.length - kept.length;
    this.#queue.push(kept);
  }

  read(into: Uint8Array): number {
    return this.#queue.read(into);
  }

  clear(): void {
    this.#queue.clear();
    this.#lostBytes = 0;
  }
}
