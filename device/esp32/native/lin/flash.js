/** Stands for embedded:storage/flash on Linux: NOR flash in memory, erased at start, kept until the process ends. */
const sectorBytes = 4096;

/** The spool's size in partitions.csv; there is no other partition here. */
const sizeBytes = 0x80000;

class Flash {
  #bytes = new Uint8Array(sizeBytes).fill(0xff);

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
    return { size: sizeBytes, blockLength: sectorBytes, blocks: sizeBytes / sectorBytes };
  }
  close() {}
  #check(offset, length) {
    if (offset < 0 || offset + length > sizeBytes) throw new RangeError("outside the partition");
  }
}

export default {
  open(options) {
    if (options.path !== "spool") throw new Error(`can't find partition ${options.path}`);
    return new Flash();
  },
};
