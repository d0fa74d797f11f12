import {
  CONTROL,
  FRAME_CRC_BYTES,
  FRAME_HEADER_BYTES,
  FRAME_TYPE,
  type MessageType,
  sequenceAfter,
  wireBytesMax,
  writeFrameStart,
} from "./frame.ts";
import { asciiJson, type LinkMessage, MESSAGE_BYTES_MAX } from "./link-messages.ts";
import type { RoundTrip } from "./round-trip.ts";

/** A session has a command or two under way; more means that the other end no longer listens. */
const WAITING_MAX = 16;

interface Waiting {
  readonly type: MessageType;
  readonly text: string;
}

/** Control messages, one frame in flight: a message longer than a frame goes in pieces. */
export class ControlSender {
  readonly #roundTrip: RoundTrip;
  readonly #waiting: Waiting[] = [];
  #sequence = 0;
  /** Of the first waiting message: what was acknowledged, and the piece in flight behind it; 0 for none. */
  #acknowledgedBytes = 0;
  #pieceBytes = 0;
  #firstSentAtMs = 0;
  #sentAtMs = 0;
  #transmissions = 0;

  constructor(roundTrip: RoundTrip) {
    this.#roundTrip = roundTrip;
  }

  get idle(): boolean {
    return this.#waiting.length === 0;
  }

  get inFlight(): boolean {
    return this.#pieceBytes > 0;
  }

  get inFlightCost(): number {
    return this.#pieceBytes > 0 ? pieceCost(this.#pieceBytes) : 0;
  }

  /** Since when an acknowledgement is missing; undefined when none is. */
  get waitingSinceMs(): number | undefined {
    return this.#pieceBytes > 0 ? this.#firstSentAtMs : undefined;
  }

  reset(): void {
    this.#waiting.length = 0;
    this.#sequence = 0;
    this.#acknowledgedBytes = 0;
    this.#pieceBytes = 0;
  }

  /** False when too much is waiting already, or for a message no end could take: nothing was queued. */
  push(type: MessageType, message: LinkMessage): boolean {
    const text = asciiJson(message);
    if (this.#waiting.length === WAITING_MAX || text.length > MESSAGE_BYTES_MAX) return false;
    this.#waiting.push({ type, text });
    return true;
  }

  isDue(nowMs: number): boolean {
    if (this.#pieceBytes === 0) return this.#waiting.length > 0;
    return nowMs >= this.#sentAtMs + this.#roundTrip.timeoutMs;
  }

  nextDueMs(): number {
    if (this.#waiting.length === 0) return Number.POSITIVE_INFINITY;
    return this.#pieceBytes === 0 ? 0 : this.#sentAtMs + this.#roundTrip.timeoutMs;
  }

  /** Writes the frame that is due; answers its length, 0 when its cost is above `allowanceBytes`. */
  compose(
    frame: Uint8Array,
    payloadBytesMax: number,
    allowanceBytes: number,
    nowMs: number,
  ): number {
    const first = this.#waiting[0];
    if (first === undefined) return 0;
    if (this.#pieceBytes === 0) {
      const leftBytes = first.text.length - this.#acknowledgedBytes;
      const pieceBytes = Math.min(leftBytes, payloadBytesMax);
      if (pieceCost(pieceBytes) > allowanceBytes) return 0;
      this.#pieceBytes = pieceBytes;
      this.#transmissions = 0;
      this.#firstSentAtMs = nowMs;
    } else {
      this.#roundTrip.timedOut();
    }
    this.#transmissions++;
    this.#sentAtMs = nowMs;
    return this.write(frame, first);
  }

  acknowledged(ack: number, nowMs: number): void {
    const first = this.#waiting[0];
    if (this.#pieceBytes === 0 || first === undefined) return;
    if (ack !== sequenceAfter(this.#sequence, 1)) return;
    if (this.#transmissions === 1) this.#roundTrip.measured(nowMs - this.#sentAtMs);
    this.#sequence = ack;
    this.#acknowledgedBytes += this.#pieceBytes;
    this.#pieceBytes = 0;
    if (this.#acknowledgedBytes < first.text.length) return;
    this.#waiting.shift();
    this.#acknowledgedBytes = 0;
  }

  private write(frame: Uint8Array, { type, text }: Waiting): number {
    const end = this.#acknowledgedBytes + this.#pieceBytes;
    writeFrameStart(frame, FRAME_TYPE[type], CONTROL, this.#sequence, end < text.length);
    for (let at = 0; at < this.#pieceBytes; at++) {
      frame[FRAME_HEADER_BYTES + at] = text.charCodeAt(this.#acknowledgedBytes + at);
    }
    return FRAME_HEADER_BYTES + this.#pieceBytes;
  }
}

function pieceCost(pieceBytes: number): number {
  return wireBytesMax(FRAME_HEADER_BYTES + pieceBytes + FRAME_CRC_BYTES);
}
