import { WINDOW_MAX } from "./bulk-sender.ts";
import { FRAME_PAYLOAD_BYTES_MAX, sequenceAfter, sequenceDistance } from "./frame.ts";

const NOTHING = -1;

export interface BulkSink {
  /** A bulk payload, once and in order; the bytes are valid during the call only. */
  data(bytes: Uint8Array, start: number, end: number): void;
}

/** Puts bulk frames in order again; what came before its turn waits in a fixed buffer. */
export class BulkReceiver {
  readonly #window: number;
  readonly #sink: BulkSink;
  /** 8 KB: on a line that loses nothing they are never taken. */
  #early: Uint8Array | undefined;
  readonly #lengths = new Int16Array(WINDOW_MAX).fill(NOTHING);
  #expected = 0;
  #earlyBytes = 0;

  constructor(window: number, sink: BulkSink) {
    this.#window = window;
    this.#sink = sink;
  }

  get expected(): number {
    return this.#expected;
  }

  /** Bit i: frame expected + 1 + i is here. */
  get sack(): number {
    let bits = 0;
    for (let ahead = 1; ahead < this.#window; ahead++) {
      if (this.#lengths[this.slotAt(ahead)] !== NOTHING) bits |= 1 << (ahead - 1);
    }
    return bits;
  }

  /** What has arrived and cannot be delivered yet. */
  get earlyBytes(): number {
    return this.#earlyBytes;
  }

  reset(): void {
    this.#expected = 0;
    this.#earlyBytes = 0;
    this.#lengths.fill(NOTHING);
  }

  take(sequence: number, frame: Uint8Array, start: number, end: number): void {
    const ahead = sequenceDistance(this.#expected, sequence);
    if (ahead === 0) {
      this.#expected = sequenceAfter(this.#expected, 1);
      this.#sink.data(frame, start, end);
      if (this.#early !== undefined) this.deliverEarly(this.#early);
    } else if (ahead < this.#window) {
      this.keep(this.slotAt(ahead), frame, start, end);
    }
  }

  private keep(slot: number, frame: Uint8Array, start: number, end: number): void {
    if (this.#lengths[slot] !== NOTHING) return;
    this.#early ??= new Uint8Array(WINDOW_MAX * FRAME_PAYLOAD_BYTES_MAX);
    const into = slot * FRAME_PAYLOAD_BYTES_MAX;
    for (let at = start; at < end; at++) this.#early[into + at - start] = frame[at] as number;
    this.#lengths[slot] = end - start;
    this.#earlyBytes += end - start;
  }

  private deliverEarly(early: Uint8Array): void {
    for (;;) {
      const slot = this.slotAt(0);
      const lengthBytes = this.#lengths[slot] as number;
      if (lengthBytes === NOTHING) return;
      this.#lengths[slot] = NOTHING;
      this.#earlyBytes -= lengthBytes;
      this.#expected = sequenceAfter(this.#expected, 1);
      const at = slot * FRAME_PAYLOAD_BYTES_MAX;
      this.#sink.data(early, at, at + lengthBytes);
    }
  }

  private slotAt(ahead: number): number {
    return sequenceAfter(this.#expected, ahead) % WINDOW_MAX;
  }
}
