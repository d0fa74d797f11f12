import {
  BULK,
  FRAME_CRC_BYTES,
  FRAME_HEADER_BYTES,
  FRAME_TYPE,
  sequenceAfter,
  sequenceDistance,
  wireBytesMax,
  writeFrameStart,
  writeUint16,
  writeUint32,
} from "./frame.ts";
import type { RoundTrip } from "./round-trip.ts";

/** 8 frames of 1 KB cover a round trip of 90 ms at 921600 baud. */
export const WINDOW_MAX = 8;
/** Ahead of the bytes in each data payload: object id u16, file offset u32. */
export const DATA_PREFIX_BYTES = 6;

/** A run of an object's bytes: what one data frame carries. */
export interface BulkRun {
  id: number;
  fileOffsetBytes: number;
  lengthBytes: number;
}

/** Where bulk comes from. It is read again when a frame was lost, so no frame is ever copied. */
export interface BulkSource {
  /** Fills `run` with what comes next, at most `bytesMax` bytes, without moving on; false when nothing does. */
  peek(run: BulkRun, bytesMax: number): boolean;
  /** The run that was peeked has gone out. */
  advance(run: BulkRun): void;
  /** Copies the run to `into[start]`; answers its length, 0 when its object is gone. */
  copy(run: BulkRun, into: Uint8Array, start: number): number;
}

/** Bulk frames, several in flight; what was lost is sent again as soon as that is known. */
export class BulkSender {
  readonly #source: BulkSource;
  readonly #roundTrip: RoundTrip;
  readonly #runs: BulkRun[] = Array.from({ length: WINDOW_MAX }, emptyRun);
  readonly #peeked = emptyRun();
  readonly #sentAtMs = new Float64Array(WINDOW_MAX);
  /** Transmissions are counted: the wire keeps order, so what left before something acknowledged is here or lost. */
  readonly #transmittedAs = new Float64Array(WINDOW_MAX);
  readonly #transmissions = new Uint8Array(WINDOW_MAX);
  readonly #costs = new Uint16Array(WINDOW_MAX);
  readonly #arrived = new Uint8Array(WINDOW_MAX);
  readonly #lost = new Uint8Array(WINDOW_MAX);
  #base = 0;
  #inFlight = 0;
  #inFlightCost = 0;
  #transmitted = 0;
  #waitingSinceMs = 0;

  constructor(source: BulkSource, roundTrip: RoundTrip) {
    this.#source = source;
    this.#roundTrip = roundTrip;
  }

  get inFlight(): boolean {
    return this.#inFlight > 0;
  }

  /** Bytes on the wire that are neither acknowledged nor known to have arrived. */
  get inFlightCost(): number {
    return this.#inFlightCost;
  }

  get hasMore(): boolean {
    return this.#source.peek(this.#peeked, 1);
  }

  /** Since when nothing new was acknowledged. */
  get waitingSinceMs(): number | undefined {
    return this.#inFlight > 0 ? this.#waitingSinceMs : undefined;
  }

  reset(): void {
    this.#base = 0;
    this.#inFlight = 0;
    this.#inFlightCost = 0;
  }

  nextDueMs(): number {
    if (this.#inFlight === 0) return Number.POSITIVE_INFINITY;
    return this.#oldestSentAtMs() + this.#roundTrip.timeoutMs;
  }

  /** Without an acknowledgement for the time-out, everything in flight counts as lost. */
  tick(nowMs: number): void {
    if (this.#inFlight === 0 || nowMs < this.nextDueMs()) return;
    this.#roundTrip.timedOut();
    for (let index = 0; index < this.#inFlight; index++) this.#lose(this.#slotAt(index));
  }

  /** Writes the next frame; answers its length, 0 when nothing is due or may go. */
  compose(
    frame: Uint8Array,
    payloadBytesMax: number,
    window: number,
    allowanceBytes: number,
    nowMs: number,
  ): number {
    for (let index = 0; index < this.#inFlight; index++) {
      const slot = this.#slotAt(index);
      if (this.#lost[slot] === 1) return this.#transmit(frame, index, nowMs);
    }
    if (this.#inFlight >= window || !this.#admit(payloadBytesMax, allowanceBytes, nowMs)) return 0;
    return this.#transmit(frame, this.#inFlight - 1, nowMs);
  }

  acknowledged(ack: number, sack: number, nowMs: number): void {
    const count = sequenceDistance(this.#base, ack);
    if (count > this.#inFlight) return;
    let latest = 0;
    for (let index = 0; index < count; index++) {
      latest = Math.max(latest, this.#arrive(this.#slotAt(index), nowMs));
    }
    this.#base = ack;
    this.#inFlight -= count;
    for (let index = 1; index < this.#inFlight; index++) {
      if (((sack >>> (index - 1)) & 1) === 0) continue;
      latest = Math.max(latest, this.#arrive(this.#slotAt(index), nowMs));
    }
    this.#loseBefore(latest);
  }

  #admit(payloadBytesMax: number, allowanceBytes: number, nowMs: number): boolean {
    if (!this.#source.peek(this.#peeked, payloadBytesMax - DATA_PREFIX_BYTES)) return false;
    const payloadBytes = DATA_PREFIX_BYTES + this.#peeked.lengthBytes;
    const cost = wireBytesMax(FRAME_HEADER_BYTES + payloadBytes + FRAME_CRC_BYTES);
    if (this.#inFlightCost + cost > allowanceBytes) return false;
    if (this.#inFlight === 0) this.#waitingSinceMs = nowMs;
    const slot = this.#slotAt(this.#inFlight++);
    const run = this.#runs[slot] as BulkRun;
    run.id = this.#peeked.id;
    run.fileOffsetBytes = this.#peeked.fileOffsetBytes;
    run.lengthBytes = this.#peeked.lengthBytes;
    this.#costs[slot] = cost;
    this.#inFlightCost += cost;
    this.#arrived[slot] = 0;
    this.#transmissions[slot] = 0;
    this.#source.advance(run);
    return true;
  }

  #transmit(frame: Uint8Array, index: number, nowMs: number): number {
    const slot = this.#slotAt(index);
    const run = this.#runs[slot] as BulkRun;
    this.#lost[slot] = 0;
    this.#sentAtMs[slot] = nowMs;
    this.#transmittedAs[slot] = ++this.#transmitted;
    this.#transmissions[slot] = Math.min((this.#transmissions[slot] as number) + 1, 2);
    writeFrameStart(frame, FRAME_TYPE.data, BULK, sequenceAfter(this.#base, index), false);
    writeUint16(frame, FRAME_HEADER_BYTES, run.id);
    writeUint32(frame, FRAME_HEADER_BYTES + 2, run.fileOffsetBytes);
    const bytesAt = FRAME_HEADER_BYTES + DATA_PREFIX_BYTES;
    const lengthBytes = this.#source.copy(run, frame, bytesAt);
    // The number is taken and must arrive; without its object the frame says nothing.
    return lengthBytes === 0 ? FRAME_HEADER_BYTES : bytesAt + lengthBytes;
  }

  /** Answers which transmission it was. */
  #arrive(slot: number, nowMs: number): number {
    if (this.#arrived[slot] === 1) return 0;
    this.#arrived[slot] = 1;
    this.#lost[slot] = 0;
    this.#waitingSinceMs = nowMs;
    this.#inFlightCost -= this.#costs[slot] as number;
    if (this.#transmissions[slot] === 1) {
      this.#roundTrip.measured(nowMs - (this.#sentAtMs[slot] as number));
    }
    return this.#transmittedAs[slot] as number;
  }

  #loseBefore(transmission: number): void {
    for (let index = 0; index < this.#inFlight; index++) {
      const slot = this.#slotAt(index);
      if ((this.#transmittedAs[slot] as number) < transmission) this.#lose(slot);
    }
  }

  #lose(slot: number): void {
    if (this.#arrived[slot] === 0) this.#lost[slot] = 1;
  }

  #oldestSentAtMs(): number {
    let oldestMs = Number.POSITIVE_INFINITY;
    for (let index = 0; index < this.#inFlight; index++) {
      const slot = this.#slotAt(index);
      if (this.#arrived[slot] === 0) oldestMs = Math.min(oldestMs, this.#sentAtMs[slot] as number);
    }
    return oldestMs;
  }

  #slotAt(index: number): number {
    return sequenceAfter(this.#base, index) % WINDOW_MAX;
  }
}

function emptyRun(): BulkRun {
  return { id: 0, fileOffsetBytes: 0, lengthBytes: 0 };
}
