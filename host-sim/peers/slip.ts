/** RFC 1055, as the ROM's loader uses it: a frame begins and ends with END. */
const END = 0xc0;
const ESCAPE = 0xdb;
const ESCAPED_END = 0xdc;
const ESCAPED_ESCAPE = 0xdd;

/** Takes any bytes in any pieces; a frame that is too long or wrongly escaped is left out, and the next END starts anew. */
export class SlipDecoder {
  readonly #frame: Uint8Array;
  #lengthBytes = 0;
  #isEscaped = false;
  /** Outside of any frame, or in one that is spoilt. */
  #skips = true;

  constructor(frameBytesMax: number) {
    this.#frame = new Uint8Array(frameBytesMax);
  }

  /** Each whole frame; the caller may keep it. */
  decode(bytes: Uint8Array, take: (frame: Uint8Array) => void): void {
    for (const byte of bytes) {
      if (byte === END) this.#end(take);
      else if (!this.#skips) this.#put(byte);
    }
  }

  #end(take: (frame: Uint8Array) => void): void {
    const isWhole = !this.#skips && !this.#isEscaped && this.#lengthBytes > 0;
    if (isWhole) take(this.#frame.slice(0, this.#lengthBytes));
    // A single END that was lost must not turn frames and gaps around: each END may begin the next frame.
    this.#skips = false;
    this.#isEscaped = false;
    this.#lengthBytes = 0;
  }

  #put(byte: number): void {
    if (byte === ESCAPE && !this.#isEscaped) {
      this.#isEscaped = true;
      return;
    }
    const plain = this.#isEscaped ? unescaped(byte) : byte;
    this.#isEscaped = false;
    this.#skips = plain === undefined || this.#lengthBytes === this.#frame.length;
    if (!this.#skips) this.#frame[this.#lengthBytes++] = plain as number;
  }
}

function unescaped(byte: number): number | undefined {
  if (byte === ESCAPED_END) return END;
  return byte === ESCAPED_ESCAPE ? ESCAPE : undefined;
}

export function encodeSlip(frame: Uint8Array): Uint8Array {
  const wire = [END];
  for (const byte of frame) {
    if (byte === END) wire.push(ESCAPE, ESCAPED_END);
    else if (byte === ESCAPE) wire.push(ESCAPE, ESCAPED_ESCAPE);
    else wire.push(byte);
  }
  wire.push(END);
  return Uint8Array.from(wire);
}
