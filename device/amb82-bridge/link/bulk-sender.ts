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

/** A frame that is not acknowledged yet. */
interface Flight extends BulkRun {
  cost: number;
  sentAtMs: number;
  /** Transmissions are counted: the wire keeps order, so what left before something acknowledged is here or lost. */
  transmittedAs: number;
  transmissions: number;
  arrived: boolean;
  lost: boolean;
}

/** Bulk frames, several in flight; what was lost is sent again as soon as that is known. */
export class BulkSender {
  readonly #source: BulkSource;
  readonly #roundTrip: RoundTrip;
  readonly #peeked = { id: 0, fileOffsetBytes: 0, lengthBytes: 0 };
  /** WINDOW_MAX of them, made as they are needed: an end that only receives never is. */
  readonly #flights: Flight[] = [];
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
    return this.oldestSentAtMs() + this.#roundTrip.timeoutMs;
  }

  /** Without an acknowledgement for the time-out, everything in flight counts as lost. */
  tick(nowMs: number): void {
    if (this.#inFlight === 0 || nowMs < this.nextDueMs()) return;
    this.#roundTrip.timedOut();
    for (let index = 0; index < this.#inFlight; index++) lose(this.flightAt(index));
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
      if (this.flightAt(index).lost) return this.transmit(frame, index, nowMs);
    }
    if (this.#inFlight >= window || !this.admit(payloadBytesMax, allowanceBytes, nowMs)) return 0;
    return this.transmit(frame, this.#inFlight - 1, nowMs);
  }

  acknowledged(ack: number, sack: number, nowMs: number): void {
    const count = sequenceDistance(this.#base, ack);
    if (count > this.#inFlight) return;
    let latest = 0;
    for (let index = 0; index < count; index++) {
      latest = Math.max(latest, this.arrive(this.flightAt(index), nowMs));
    }
    this.#base = ack;
    this.#inFlight -= count;
    for (let index = 1; index < this.#inFlight; index++) {
      if (((sack >>> (index - 1)) & 1) === 0) continue;
      latest = Math.max(latest, this.arrive(this.flightAt(index), nowMs));
    }
    this.loseBefore(latest);
  }

  private admit(payloadBytesMax: number, allowanceBytes: number, nowMs: number): boolean {
    if (!this.#source.peek(this.#peeked, payloadBytesMax - DATA_PREFIX_BYTES)) return false;
    const payloadBytes = DATA_PREFIX_BYTES + this.#peeked.lengthBytes;
    const cost = wireBytesMax(FRAME_HEADER_BYTES + payloadBytes + FRAME_CRC_BYTES);
    if (this.#inFlightCost + cost > allowanceBytes) return false;
    if (this.#inFlight === 0) this.#waitingSinceMs = nowMs;
    const flight = this.flightAt(this.#inFlight++);
    flight.id = this.#peeked.id;
    flight.fileOffsetBytes = this.#peeked.fileOffsetBytes;
    flight.lengthBytes = this.#peeked.lengthBytes;
    flight.cost = cost;
    flight.arrived = false;
    flight.transmissions = 0;
    this.#inFlightCost += cost;
    this.#source.advance(flight);
    return true;
  }

  private transmit(frame: Uint8Array, index: number, nowMs: number): number {
    const flight = this.flightAt(index);
    flight.lost = false;
    flight.sentAtMs = nowMs;
    flight.transmittedAs = ++this.#transmitted;
    flight.transmissions++;
    writeFrameStart(frame, FRAME_TYPE.data, BULK, sequenceAfter(this.#base, index), false);
    writeUint16(frame, FRAME_HEADER_BYTES, flight.id);
    writeUint32(frame, FRAME_HEADER_BYTES + 2, flight.fileOffsetBytes);
    const bytesAt = FRAME_HEADER_BYTES + DATA_PREFIX_BYTES;
    const lengthBytes = this.#source.copy(flight, frame, bytesAt);
    // The number is taken and must arrive; without its object the frame says nothing.
    return lengthBytes === 0 ? FRAME_HEADER_BYTES : bytesAt + lengthBytes;
  }

  /** Answers which transmission it was. */
  private arrive(flight: Flight, nowMs: number): number {
    if (flight.arrived) return 0;
    flight.arrived = true;
    flight.lost = false;
    this.#waitingSinceMs = nowMs;
    this.#inFlightCost -= flight.cost;
    if (flight.transmissions === 1) this.#roundTrip.measured(nowMs - flight.sentAtMs);
    return flight.transmittedAs;
  }

  private loseBefore(transmission: number): void {
    for (let index = 0; index < this.#inFlight; index++) {
      const flight = this.flightAt(index);
      if (flight.transmittedAs < transmission) lose(flight);
    }
  }

  private oldestSentAtMs(): number {
    let oldestMs = Number.POSITIVE_INFINITY;
    for (let index = 0; index < this.#inFlight; index++) {
      const { arrived, sentAtMs } = this.flightAt(index);
      if (!arrived) oldestMs = Math.min(oldestMs, sentAtMs);
    }
    return oldestMs;
  }

  private flightAt(index: number): Flight {
    const slot = sequenceAfter(this.#base, index) % WINDOW_MAX;
    this.#flights[slot] ??= newFlight();
    return this.#flights[slot];
  }
}

function newFlight(): Flight {
  const run = { id: 0, fileOffsetBytes: 0, lengthBytes: 0 };
  const sent = { cost: 0, sentAtMs: 0, transmittedAs: 0, transmissions: 0 };
  return { ...run, ...sent, arrived: false, lost: false };
}

function lose(flight: Flight): void {
  if (!flight.arrived) flight.lost = true;
}
