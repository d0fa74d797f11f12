import { hasMore, sequenceAfter } from "./frame.ts";
import { MESSAGE_BYTES_MAX } from "./link-messages.ts";

/** Puts the pieces of control messages together again. */
export class ControlReceiver {
  /** Taken for the first message in pieces: almost all are in one. */
  #message: Uint8Array | undefined;
  #expected = 0;
  #lengthBytes = 0;
  #overflowed = false;

  get expected(): number {
    return this.#expected;
  }

  reset(): void {
    this.#expected = 0;
    this.begin();
  }

  /** The whole message, when this numbered frame was the last piece of one; valid until the next frame. */
  take(sequence: number, frame: Uint8Array, start: number, end: number): Uint8Array | undefined {
    if (sequence !== this.#expected) return undefined;
    this.#expected = sequenceAfter(this.#expected, 1);
    const more = hasMore(frame);
    if (!more && this.#lengthBytes === 0 && !this.#overflowed) return frame.subarray(start, end);
    this.#message ??= new Uint8Array(MESSAGE_BYTES_MAX);
    this.append(this.#message, frame, start, end);
    if (more) return undefined;
    const whole = this.#overflowed ? undefined : this.#message.subarray(0, this.#lengthBytes);
    this.begin();
    return whole;
  }

  private append(message: Uint8Array, frame: Uint8Array, start: number, end: number): void {
    if (this.#lengthBytes + end - start > MESSAGE_BYTES_MAX) this.#overflowed = true;
    if (this.#overflowed) return;
    for (let at = start; at < end; at++) message[this.#lengthBytes++] = frame[at] as number;
  }

  private begin(): void {
    this.#lengthBytes = 0;
    this.#overflowed = false;
  }
}
