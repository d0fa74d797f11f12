/** How calls and events cross to an engine that is another process. Both ends run this code: no Node here. */
import type { PortValue } from "./guest-port.ts";

const TAG = { none: 0, null: 1, no: 2, yes: 3, integer: 4, number: 5, text: 6, bytes: 7 } as const;

/** Most messages fit: the firmware's end uses the same bytes for all of these. */
const SMALL_BYTES = 128;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

/** Writes one message after the other. */
export class PortWriter {
  readonly #small = new Uint8Array(SMALL_BYTES);
  #bytes = this.#small;
  #at = 0;

  begin(): void {
    this.#bytes = this.#small;
    this.#at = 0;
  }

  byte(value: number): void {
    this.#makeRoom(1);
    this.#bytes[this.#at++] = value;
  }

  integer(value: number): void {
    this.#makeRoom(4);
    const bytes = this.#bytes;
    const at = this.#at;
    bytes[at] = value;
    bytes[at + 1] = value >> 8;
    bytes[at + 2] = value >> 16;
    bytes[at + 3] = value >> 24;
    this.#at = at + 4;
  }

  value(value: PortValue): void {
    if (value === undefined) this.byte(TAG.none);
    else if (value === null) this.byte(TAG.null);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "boolean") this.byte(value ? TAG.yes : TAG.no);
    else if (typeof value === "string") this.#put(TAG.text, encoder.encode(value));
    else this.#put(TAG.bytes, value);
  }

  bytes(value: Uint8Array): void {
    this.integer(value.length);
    this.#makeRoom(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** The message, in the bytes of the next one. */
  message(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#at);
  }

  /** The message and what lies behind it: a reader knows where it ends. In the bytes of the next one. */
  messageBuffer(): ArrayBuffer {
    return this.#bytes.buffer;
  }

  #number(value: number): void {
    if ((value | 0) === value && !Object.is(value, -0)) {
      this.byte(TAG.integer);
      this.integer(value);
      return;
    }
    this.byte(TAG.number);
    this.#makeRoom(8);
    double[0] = value;
    this.#bytes.set(doubleBytes, this.#at);
    this.#at += 8;
  }

  #put(tag: number, value: Uint8Array): void {
    this.byte(tag);
    this.bytes(value);
  }

  #makeRoom(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(needed + SMALL_BYTES);
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}

/** Reads one message after the other; the values that it answers are the caller's own. */
export class PortReader {
  #bytes = new Uint8Array(0);
  #at = 0;

  open(message: Uint8Array<ArrayBuffer>): void {
    this.#bytes = message;
    this.#at = 0;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  integer(): number {
    return this.byte() | (this.byte() << 8) | (this.byte() << 16) | (this.byte() << 24);
  }

  value(): PortValue {
    const tag = this.byte();
    if (tag === TAG.integer) return this.integer();
    if (tag === TAG.none) return undefined;
    if (tag === TAG.text) return decoder.decode(this.view());
    if (tag === TAG.bytes) return this.view().slice();
    if (tag === TAG.number) return this.#number();
    return tag === TAG.null ? null : tag === TAG.yes;
  }

  /** What `bytes` wrote, in the bytes of the message. */
  view(): Uint8Array<ArrayBuffer> {
    const length = this.integer();
    const from = this.#at;
    this.#at += length;
    return this.#bytes.subarray(from, this.#at);
  }

  #number(): number {
    const from = this.#at;
    this.#at += 8;
    doubleBytes.set(this.#bytes.subarray(from, this.#at));
    return double[0] ?? 0;
  }
}
