/** Stands for embedded:storage/flash on Linux: NOR flash in memory, erased at start, kept until the process ends. */
const sectorBytes = 4096;

/** As in partitions.csv; "running" and "nextota" are the two app slots, without an image. */
const sizesBytes = { spool: 0x80000, running: 0x1b0000, nextota: 0x1b0000 };

class Flash {
  #sizeBytes;
  #memory;

  constructor(sizeBytes) {
    this.#sizeBytes = sizeBytes;
  }
  read(buffer, offset) {
    this.#check(offset, buffer.byteLength);
    buffer.set(this.#bytes.subarray(offset, offset + buffer.byteLength));
    return buffer.byteLength;
  }
  write(buffer, offset) {
    this.#check(offset, buffer.byteLength);
    // Programming only clears bits.
    for (let i = 0; i < buffer.byteLength; i++) this.#bytes[offset + i] &= buffer[i];
  }
  eraseBlock(start, end = start + 1) {
    this.#check(start * sectorBytes, (end - start) * sectorBytes);
    this.#bytes.fill(0xff, start * sectorBytes, end * sectorBytes);
  }
  status() {
    const blocks = this.#sizeBytes / sectorBytes;
    return { size: this.#sizeBytes, blockLength: sectorBytes, blocks };
  }
  close() {}
  /** Only from its first use on: nobody writes the app slots here. */
  get #bytes() {
    this.#memory ??= new Uint8Array(this.#sizeBytes).fill(0xff);
    return this.#memory;
  }
  #check(offset, length) {
    if (offset < 0 || offset + length > this.#sizeBytes) {
      throw new RangeError("outside the partition");
    }
  }
}

export default {
  open(options) {
    const sizeBytes = sizesBytes[options.path];
    if (sizeBytes === undefined) throw new Error(`can't find partition ${options.path}`);
    return new Flash(sizeBytes);
  },
};
