import type { Flash } from "embedded:storage/flash";
import storage from "embedded:storage/flash";
import type { SpoolFlash } from "../ports.ts";

/** The partition "spool" of native/partitions.csv. A failed operation throws: the chip is broken or the bounds are. */
export class SpoolPartition implements SpoolFlash {
  readonly sizeBytes: number;
  readonly sectorBytes: number;
  readonly #flash: Flash;

  constructor() {
    this.#flash = storage.open({ path: "spool" });
    const { size, blockLength } = this.#flash.status();
    this.sizeBytes = size;
    this.sectorBytes = blockLength;
  }

  read(partitionOffsetBytes: number, into: Uint8Array): void {
    this.#flash.read(into, partitionOffsetBytes);
  }

  program(partitionOffsetBytes: number, bytes: Uint8Array): void {
    this.#flash.write(bytes, partitionOffsetBytes);
  }

  eraseSector(sector: number): void {
    this.#flash.eraseBlock(sector);
  }
}
