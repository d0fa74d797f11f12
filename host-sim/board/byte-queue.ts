/** Bytes in order, kept as the chunks they came in. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #heldBytes = 0;

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Keeps the chunk itself: it must not change any more. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
  }

  /** Answers how many bytes it moved. */
  read(into: Uint8Array): number {
    let done = 0;
    for (let chunk = this.#chunks[0]; chunk !== undefined && done < into.length; ) {
      const piece = chunk.subarray(0, into.length - done);
      into.set(piece, done);
      done += piece.length;
      if (piece.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(piece.length);
      chunk = this.#chunks[0];
    }
    this.#heldBytes -= done;
    return done;
  }

  /** The next bytes, that many at most; they are not to be changed. */
  take(bytesMax: number): Uint8Array {
    const [first] = this.#chunks;
    const isOneChunk = first !== undefined && first.length >= Math.min(bytesMax, this.#heldBytes);
    if (!isOneChunk) return this.#copy(bytesMax);
    const bytes = first.subarray(0, bytesMax);
    if (bytes.length === first.length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(bytes.length);
    this.#heldBytes -= bytes.length;
    return bytes;
  }

  clear(): void {
    this.#chunks = [];
    this.#heldBytes = 0;
  }

  #copy(bytesMax: number): Uint8Array {
    const bytes = new Uint8Array(Math.min(bytesMax, this.#heldBytes));
    this.read(bytes);
    return bytes;
  }
}
