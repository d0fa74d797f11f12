/**
 * Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999): a frame holds no zero byte, so a zero always means
 * "a frame ends here", whatever was lost or corrupted before it.
 */

/**
 * Writes delimiter, stuffed bytes, delimiter into `into`; answers how many bytes that is. A zero before as well as
 * behind: noise ahead of a frame cannot become its first byte.
 */
export function cobsEncode(bytes: Uint8Array, lengthBytes: number, into: Uint8Array): number {
  into[0] = 0;
  let codeAt = 1;
  let out = 2;
  let code = 1;
  for (let at = 0; at < lengthBytes; at++) {
    const byte = bytes[at] as number;
    if (byte !== 0) {
      into[out++] = byte;
      code++;
    }
    if (byte === 0 || code === 0xff) {
      into[codeAt] = code;
      codeAt = out++;
      code = 1;
    }
  }
  into[codeAt] = code;
  into[out++] = 0;
  return out;
}

/** What a byte completed: nothing yet, a whole frame, or something that was none. */
export type CobsStep = "more" | "frame" | "noise";

/** Takes one byte at a time, never throws, and is in step again at the next zero byte. */
export class CobsDecoder {
  readonly frame: Uint8Array;
  frameLength = 0;
  #length = 0;
  #blockLeft = 0;
  #zeroDue = false;
  #overflowed = false;
  #empty = true;

  constructor(frameBytesMax: number) {
    this.frame = new Uint8Array(frameBytesMax);
  }

  /** Forgets the run that has begun. */
  reset(): void {
    this.end();
  }

  /** Takes the bytes that stand for themselves, up to the next code, delimiter or end; answers how many. */
  copyPlain(bytes: Uint8Array, start: number, end: number): number {
    const { frame } = this;
    const plainBytes = Math.min(end - start, this.#blockLeft, frame.length - this.#length);
    let copied = 0;
    for (; copied < plainBytes; copied++) {
      const byte = bytes[start + copied] as number;
      if (byte === 0) break;
      frame[this.#length + copied] = byte;
    }
    this.#length += copied;
    this.#blockLeft -= copied;
    return copied;
  }

  push(byte: number): CobsStep {
    if (byte === 0) return this.end();
    this.#empty = false;
    const overflowed = this.#overflowed;
    if (this.#blockLeft === 0) {
      if (this.#zeroDue) this.store(0);
      this.#blockLeft = byte - 1;
      this.#zeroDue = byte !== 0xff;
    } else {
      this.#blockLeft--;
      this.store(byte);
    }
    // Said at once: at a wrong rate no zero may ever come.
    return this.#overflowed && !overflowed ? "noise" : "more";
  }

  private end(): CobsStep {
    const empty = this.#empty;
    const overflowed = this.#overflowed;
    const whole = this.#blockLeft === 0;
    this.frameLength = this.#length;
    this.#length = 0;
    this.#blockLeft = 0;
    this.#zeroDue = false;
    this.#overflowed = false;
    this.#empty = true;
    if (empty || overflowed) return "more";
    return whole ? "frame" : "noise";
  }

  private store(byte: number): void {
    if (this.#length < this.frame.length) this.frame[this.#length++] = byte;
    else this.#overflowed = true;
  }
}
