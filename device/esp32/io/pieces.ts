/** Bytes that arrive in pieces, up to a bound. */
export class Pieces {
  readonly #bytesMax: number;
  #pieces: ArrayBuffer[] = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** False when it would be too much. */
  add(piece: ArrayBuffer): boolean {
    if (this.#bytes + piece.byteLength > this.#bytesMax) return false;
    this.#bytes += piece.byteLength;
    this.#pieces.push(piece);
    return true;
  }

  /** All of them joined; empty afterwards. */
  take(): Uint8Array {
    const whole = new Uint8Array(this.#bytes);
    let offsetBytes = 0;
    for (const piece of this.#pieces) {
      whole.set(new Uint8Array(piece), offsetBytes);
      offsetBytes += piece.byteLength;
    }
    this.#pieces = [];
    this.#bytes = 0;
    return whole;
  }
}
