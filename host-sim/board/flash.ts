export const SECTOR_BYTES = 4096;

/**
 * NOR flash: erasing sets a whole sector to ones, programming only clears bits. Sectors that were never touched take no
 * memory, so that a thousand boards of 4 MB fit.
 */
export class Flash {
  readonly sizeBytes: number;
  /** The chip stops taking erases and programs at this operation: it is worn out. */
  wornOutAt = Number.POSITIVE_INFINITY;
  readonly #sectors = new Map<number, Uint8Array>();
  #operations = 0;

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }

  /** Erases and programs so far. */
  get operations(): number {
    return this.#operations;
  }

  read(offsetBytes: number, into: Uint8Array): void {
    this.#eachSector(offsetBytes, into.length, (sector, at, from, length) => {
      const bytes = this.#sectors.get(sector);
      if (bytes === undefined) into.fill(0xff, from, from + length);
      else into.set(bytes.subarray(at, at + length), from);
    });
  }

  program(offsetBytes: number, bytes: Uint8Array): void {
    this.#operate();
    this.#eachSector(offsetBytes, bytes.length, (sector, at, from, length) => {
      const old = this.#sectors.get(sector) ?? this.#blank(sector);
      for (let index = 0; index < length; index++) {
        old[at + index] = (old[at + index] as number) & (bytes[from + index] as number);
      }
    });
  }

  eraseSector(sector: number): void {
    this.#operate();
    if (sector < 0 || (sector + 1) * SECTOR_BYTES > this.sizeBytes) {
      throw new Error(`flash: no sector ${sector}`);
    }
    this.#sectors.delete(sector);
  }

  #operate(): void {
    this.#operations++;
    if (this.#operations >= this.wornOutAt) throw new Error("flash: write failed");
  }

  #blank(sector: number): Uint8Array {
    const bytes = new Uint8Array(SECTOR_BYTES).fill(0xff);
    this.#sectors.set(sector, bytes);
    return bytes;
  }

  #eachSector(
    offsetBytes: number,
    lengthBytes: number,
    visit: (sector: number, at: number, from: number, length: number) => void,
  ): void {
    if (offsetBytes < 0 || offsetBytes + lengthBytes > this.sizeBytes) {
      throw new Error(`flash: ${offsetBytes}+${lengthBytes} is outside the chip`);
    }
    for (let done = 0; done < lengthBytes; ) {
      const at = (offsetBytes + done) % SECTOR_BYTES;
      const length = Math.min(SECTOR_BYTES - at, lengthBytes - done);
      visit(Math.floor((offsetBytes + done) / SECTOR_BYTES), at, done, length);
      done += length;
    }
  }
}
