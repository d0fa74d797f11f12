/**
 * Improv over serial, version 1 (improv-wifi.com/serial): packets between the lines of a log. Both ends are here: the
 * feeder's and that of `skyfeeder provision`.
 */

export const IMPROV_TYPE = { state: 1, error: 2, rpc: 3, result: 4 } as const;

export const IMPROV_HEADER = [0x49, 0x4d, 0x50, 0x52, 0x4f, 0x56, 1] as const;
const LINE_FEED = 0x0a;
/** Header, type and length. */
export const IMPROV_DATA_AT = IMPROV_HEADER.length + 2;
const DATA_BYTES_MAX = 255;
const PACKET_BYTES_MAX = IMPROV_DATA_AT + DATA_BYTES_MAX + 1;
/** A packet's bytes follow one another; what came so long before belongs to one that was cut off. */
const GAP_MS = 500;

/** What an encoded packet has around its data, line feeds included. */
export const IMPROV_OVERHEAD_BYTES = IMPROV_DATA_AT + 3;

/** With a line feed before and behind: clients look for packets at the start of lines only. */
export function encodeImprovPacket(type: number, data: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const packet = new Uint8Array(IMPROV_OVERHEAD_BYTES + data.length);
  packet[0] = LINE_FEED;
  packet.set(IMPROV_HEADER, 1);
  packet[1 + IMPROV_HEADER.length] = type;
  packet[2 + IMPROV_HEADER.length] = data.length;
  packet.set(data, 1 + IMPROV_DATA_AT);
  const end = packet.length - 2;
  packet[end] = improvChecksum(packet, 1, end);
  packet[end + 1] = LINE_FEED;
  return packet;
}

/** Finds packets in whatever else comes; a whole one is found behind any noise and any half of another. */
export class ImprovReader {
  readonly #taken: (type: number, data: Uint8Array) => void;
  /** From a first byte that may begin a packet until it cannot be one: most of the time there is none. */
  #held: Uint8Array | undefined;
  #length = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** `taken`: the data is lent. */
  constructor(taken: (type: number, data: Uint8Array) => void) {
    this.#taken = taken;
  }

  receive(bytes: Uint8Array, monotonicMs: number): void {
    if (monotonicMs - this.#lastMs > GAP_MS) this.giveUp();
    this.#lastMs = monotonicMs;
    for (const byte of bytes) this.take(byte);
  }

  /** What is held will never be whole, but another may have begun in it. */
  private giveUp(): void {
    while (this.#length > 0) {
      this.drop(1);
      this.judge();
    }
  }

  private take(byte: number): void {
    if (this.#length === 0 && byte !== IMPROV_HEADER[0]) return;
    this.#held ??= new Uint8Array(PACKET_BYTES_MAX);
    this.#held[this.#length++] = byte;
    this.judge();
  }

  private judge(): void {
    while (this.#held !== undefined) {
      const verdict = judgePacket(this.#held, this.#length);
      if (verdict === "more") return;
      if (verdict === "packet") {
        const dataBytes = this.#held[IMPROV_DATA_AT - 1] ?? 0;
        const type = this.#held[IMPROV_HEADER.length] ?? 0;
        const end = IMPROV_DATA_AT + dataBytes;
        // A copy: whoever takes it may send more bytes here.
        const data = this.#held.slice(IMPROV_DATA_AT, end);
        this.drop(end + 1);
        this.#taken(type, data);
      } else {
        this.drop(1);
      }
    }
  }

  /** So many bytes, and on to the next that may begin a packet. */
  private drop(bytes: number): void {
    const held = this.#held;
    if (held === undefined) return;
    let at = bytes;
    while (at < this.#length && held[at] !== IMPROV_HEADER[0]) at++;
    held.copyWithin(0, at, this.#length);
    this.#length = Math.max(0, this.#length - at);
    if (this.#length === 0) this.#held = undefined;
  }
}

function judgePacket(held: Uint8Array, length: number): "more" | "packet" | "none" {
  const headerBytes = Math.min(length, IMPROV_HEADER.length);
  for (let at = 0; at < headerBytes; at++) if (held[at] !== IMPROV_HEADER[at]) return "none";
  if (length < IMPROV_DATA_AT) return "more";
  const end = IMPROV_DATA_AT + (held[IMPROV_DATA_AT - 1] ?? 0);
  if (length <= end) return "more";
  return held[end] === improvChecksum(held, 0, end) ? "packet" : "none";
}

/** Of a packet's bytes; what is behind them must be the same. */
export function improvChecksum(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += bytes[at] ?? 0;
  return sum & 0xff;
}
