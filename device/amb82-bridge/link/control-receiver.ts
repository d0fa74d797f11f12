import { hasMore, sequenceAfter } from "./frame.ts";
import { MESSAGE_BYTES_MAX } from "./link-messages.ts";

/** Puts the pieces of control messages together again. */
export class ControlReceiver {
  readonly #message = new Uint8Array(MESSAGE_BYTES_MAX);
  #expected = 0;
  #lengthBytes = 0;
  #overflowed = false;

  get expected(): number {
    return this.#expected;
  }

  reset(): void {
    this.#expected = 0;
    this.#begin();
  }

  /** The whole message, when this numbered frame was the last piece of one; valid until the next call. */
  take(sequence: number, frame: Uint8Array, start: number, end: number): Uint8Array | undefined {
    if (sequence !== this.#expected) return undefined;
    this.#expected = sequenceAfter(this.#expected, 1);
    this.#append(frame, start, end);
    if (hasMore(frame)) return undefined;
    const whole = this.#overflowed ? undefined : this.#message.subarray(0, this.#lengthBytes);
    this.#begin();
    return whole;
  }

  #append(frame: Uint8Array, start: number, end: number): void {
    if (this.#lengthBytes + end - start > MESSAGE_BYTES_MAX) this.#overflowed = true;
    if (this.#overflowed) return;
    for (let at = start; at < end; at++) this.#message[this.#lengthBytes++] = frame[at] as number;
  }

  #begin(): void {
    this.#lengthBytes = 0;
    this.#overflowed = false;
  }
}
