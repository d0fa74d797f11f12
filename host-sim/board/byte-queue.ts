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

  clear(): void {
    this.#chunks = [];
    this.#heldBytes = 0;
  }
}
