import type { RandomStream } from "../random.ts";

/** 8N1: a start bit, eight data bits, a stop bit. */
export const BITS_A_BYTE = 10;
const STOP_BIT = BITS_A_BYTE - 1;

/** What goes wrong on the two wires; a change holds from when an end next looks at its line, 10 ms at most while in use. */
export interface UartFaults {
  /** Chance of each bit, start and stop bits too, to arrive flipped. */
  bitErrorRate: number;
  /** Chance of all between two zero bytes to vanish on its way. */
  dropFrameRate: number;
  /** Chance of all between two zero bytes to be sent a second time. */
  duplicateFrameRate: number;
  /** Chance of each byte to arrive with a byte of noise before it. */
  insertByteRate: number;
  /** Nothing leaves before this world time. */
  stallUntilMs: number;
}

export function quietLine(): UartFaults {
  return {
    bitErrorRate: 0,
    dropFrameRate: 0,
    duplicateFrameRate: 0,
    insertByteRate: 0,
    stallUntilMs: 0,
  };
}

/** What one direction of a serial line does to the bytes on it. */
export class LineNoise {
  readonly #faults: UartFaults;
  readonly #random: RandomStream;
  #lastSent: number | undefined;
  #copy: number[] | undefined;
  #lastOnWire: number | undefined;
  #dropping = false;
  /** Bits that still arrive whole before the next error, drawn for `#drawnRate`. */
  #wholeBits = Number.POSITIVE_INFINITY;
  #drawnRate = 0;
  #garbledPart = 0;

  constructor(faults: UartFaults, random: RandomStream) {
    this.#faults = faults;
    this.#random = random;
  }

  /** What the sender's bytes put on the wire: a copy, some frames of it twice. */
  sent(bytes: Uint8Array): Uint8Array {
    const rate = this.#faults.duplicateFrameRate;
    if (rate === 0 && this.#copy === undefined) {
      this.#lastSent = bytes.at(-1) ?? this.#lastSent;
      return bytes.slice();
    }
    const wire: number[] = [];
    for (const byte of bytes) {
      wire.push(byte);
      if (this.#lastSent === 0 && byte !== 0) this.#copy = this.#happens(rate) ? [] : undefined;
      this.#copy?.push(byte);
      if (byte === 0 && this.#copy !== undefined) {
        wire.push(...this.#copy);
        this.#copy = undefined;
      }
      this.#lastSent = byte;
    }
    return Uint8Array.from(wire);
  }

  /** What arrives of the next bytes on the wire, at a receiver of the sender's rate. */
  heard(bytes: Uint8Array): Uint8Array {
    const { bitErrorRate, dropFrameRate, insertByteRate } = this.#faults;
    const quiet = bitErrorRate === 0 && dropFrameRate === 0 && insertByteRate === 0;
    if (quiet && !this.#dropping) {
      this.#lastOnWire = bytes.at(-1);
      return bytes;
    }
    // Errors come without memory: after a change of the rate the next distance is as good as the one before.
    if (bitErrorRate !== this.#drawnRate) this.#wholeBits = this.#drawDistance(bitErrorRate);
    const heard: number[] = [];
    for (const byte of bytes) {
      if (this.#happens(insertByteRate)) heard.push(this.#anyByte());
      const flipped = this.#flipBits(byte);
      if (!this.#drops(byte) && flipped !== undefined) heard.push(flipped);
    }
    return Uint8Array.from(heard);
  }

  /** What a receiver makes of so many bytes when it samples at `ratio` times the sender's rate. */
  garbled(sentBytes: number, ratio: number): Uint8Array {
    // A slow receiver swallows several bytes as one; a fast one finds a byte at each falling edge, of which ten
    // random bits have some three. What is over counts on: it must not matter in how many pieces they are asked for.
    const heard = sentBytes * Math.min(ratio, 3) + this.#garbledPart;
    const heardBytes = Math.floor(heard);
    this.#garbledPart = heard - heardBytes;
    return Uint8Array.from({ length: heardBytes }, () => this.#anyByte());
  }

  /** Zeros stand out: a low level longer than a byte is read as one. */
  #anyByte(): number {
    return this.#happens(1 / 8) ? 0 : Math.floor(this.#random() * 256);
  }

  #drops(byte: number): boolean {
    if (byte === 0) this.#dropping = false;
    else if (this.#lastOnWire === 0) this.#dropping = this.#happens(this.#faults.dropFrameRate);
    this.#lastOnWire = byte;
    return this.#dropping;
  }

  /** Without its start bit a byte is not noticed; a byte whose stop bit is low is read from the wrong edge. */
  #flipBits(byte: number): number | undefined {
    let heard: number | undefined = byte;
    while (this.#wholeBits < BITS_A_BYTE) {
      const bit = this.#wholeBits;
      if (bit === 0) heard = undefined;
      else if (heard !== undefined) {
        heard = bit === STOP_BIT ? this.#anyByte() : heard ^ (1 << (bit - 1));
      }
      this.#wholeBits += 1 + this.#drawDistance(this.#drawnRate);
    }
    this.#wholeBits -= BITS_A_BYTE;
    return heard;
  }

  /** The geometric distribution at once: a draw a bit would be ten a byte. */
  #drawDistance(rate: number): number {
    this.#drawnRate = rate;
    if (rate === 0) return Number.POSITIVE_INFINITY;
    return Math.floor(Math.log(1 - this.#random()) / Math.log1p(-rate));
  }

  #happens(rate: number): boolean {
    return rate > 0 && this.#random() < rate;
  }
}
