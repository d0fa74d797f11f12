import type { PlannedEvent, World } from "../world.ts";
import { ByteQueue } from "./byte-queue.ts";
import { BITS_A_BYTE, LineNoise, type UartFaults } from "./line-noise.ts";

/** How many bytes interrupt a receiver that is told of them: the receive FIFO of the camera's UART. */
const INTERRUPT_BYTES = 32;
/** A receiver samples the stop bit 9.5 bits after the edge: 5 % between both clocks is the end, 3 % is what is relied on. */
const BAUD_TOLERANCE = 0.03;
/** Below the world's microsecond and above what adding up fractions of it costs. */
const ROUNDING_MS = 1e-5;

/** `polled`: nothing happens by itself, what has arrived comes with `look`. */
export type Reception = "interrupt" | "polled";

/**
 * One direction of a serial line: bytes leave in order at the sender's rate and arrive when their last bit has passed.
 * What has passed is reckoned when either end looks at the line, so a polled line has no events at all.
 */
export class UartLine {
  readonly #world: World;
  readonly #name: string;
  readonly #faults: UartFaults;
  readonly #noise: LineNoise;
  readonly #arrived: (bytes: Uint8Array) => void;
  readonly #reception: Reception;
  readonly #queue = new ByteQueue();
  readonly #heard = new ByteQueue();
  #senderBaud = 115_200;
  #receiverBaud = 115_200;
  /** When the first byte of the queue begins or began to leave; not rounded, or a long transfer would lose time. */
  #fromMs = 0;
  #interrupt: PlannedEvent | undefined;

  constructor(
    world: World,
    name: string,
    faults: UartFaults,
    arrived: (bytes: Uint8Array) => void,
    reception: Reception = "interrupt",
  ) {
    this.#world = world;
    this.#name = name;
    this.#faults = faults;
    this.#noise = new LineNoise(faults, world.random(`uart/${name}`));
    this.#arrived = arrived;
    this.#reception = reception;
  }

  /** In the middle of a byte nobody understands that byte. */
  set senderBaud(bitsPerSecond: number) {
    if (bitsPerSecond === this.#senderBaud) return;
    this.#pass();
    this.#senderBaud = bitsPerSecond;
    const { nowMs } = this.#world;
    if (this.#queue.heldBytes > 0 && this.#fromMs < nowMs) {
      this.#queue.take(1);
      this.#heard.push(this.#noise.garbled(1, 1));
      this.#fromMs = nowMs;
    }
    this.#interrupt?.cancel();
    this.#interrupt = undefined;
    this.#planInterrupt();
  }

  set receiverBaud(bitsPerSecond: number) {
    this.#pass();
    this.#receiverBaud = bitsPerSecond;
  }

  /** What was sent and has not left yet; a byte that is leaving counts. */
  queuedBytes(): number {
    this.#pass();
    return this.#queue.heldBytes;
  }

  /** When no more than `queuedBytes` of what was sent so far are left to leave; now, when that is so. */
  roomAtMs(queuedBytes: number): number {
    const leaving = this.queuedBytes() - queuedBytes;
    const { nowMs } = this.#world;
    return leaving <= 0 ? nowMs : Math.max(nowMs, wholeUs(this.#fromMs + leaving * this.#byteMs()));
  }

  /** When the last bit of what was sent so far has left; now, when it has. */
  get idleAtMs(): number {
    return this.roomAtMs(0);
  }

  /** The sender has lost its power: what has not left never will. */
  cut(): void {
    this.#pass();
    this.#queue.clear();
  }

  /** Takes a copy: the sender's buffer may change. */
  send(bytes: Uint8Array): void {
    if (this.queuedBytes() === 0) this.#fromMs = Math.max(this.#world.nowMs, this.#stallEndMs);
    this.#queue.push(this.#noise.sent(bytes));
    this.#planInterrupt();
  }

  /** Hands over what has arrived. */
  look(): void {
    this.#pass();
    if (this.#heard.heldBytes === 0) return;
    const bytes = this.#heard.take(this.#heard.heldBytes);
    this.#world.trace.add(this.#world.nowMs, this.#name, `uart ${bytes.length}`);
    this.#arrived(bytes);
  }

  /** Less than a microsecond of it would never pass. */
  get #stallEndMs(): number {
    return wholeUs(this.#faults.stallUntilMs);
  }

  #byteMs(): number {
    return (BITS_A_BYTE * 1000) / this.#senderBaud;
  }

  #pass(): void {
    const heldBytes = this.#queue.heldBytes;
    if (heldBytes === 0) return;
    // Twice the rounding: at `roomAtMs` there is room, or who waits for it would ask again at once for ever.
    const passedMs = this.#world.nowMs - this.#fromMs + 2 * ROUNDING_MS;
    const passedBytes = Math.min(heldBytes, Math.floor(passedMs / this.#byteMs()));
    if (passedBytes > 0) {
      this.#fromMs += passedBytes * this.#byteMs();
      this.#hear(this.#queue.take(passedBytes));
    }
    // A stall begins with the first look in it.
    if (this.#stallEndMs > this.#fromMs) this.#fromMs = this.#stallEndMs;
  }

  #hear(bytes: Uint8Array): void {
    const ratio = this.#receiverBaud / this.#senderBaud;
    const understood = Math.abs(ratio - 1) <= BAUD_TOLERANCE;
    this.#heard.push(
      understood ? this.#noise.heard(bytes) : this.#noise.garbled(bytes.length, ratio),
    );
  }

  #planInterrupt(): void {
    const queuedBytes = this.#queue.heldBytes;
    if (this.#reception === "polled" || this.#interrupt !== undefined || queuedBytes === 0) return;
    const atMs = this.roomAtMs(Math.max(0, queuedBytes - INTERRUPT_BYTES));
    this.#interrupt = this.#world.after(atMs - this.#world.nowMs, () => {
      this.#interrupt = undefined;
      this.look();
      this.#planInterrupt();
    });
  }
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
