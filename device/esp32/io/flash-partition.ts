import type { Flash } from "embedded:storage/flash";
import storage from "embedded:storage/flash";
import type { FlashPartition } from "../ports.ts";

/** A failed operation throws: the chip is broken or the bounds are. */
export class BoardFlash implements FlashPartition {
  readonly sizeBytes: number;
  readonly sectorBytes: number;
  readonly #flash: Flash;

  /** A data partition of native/partitions.csv by its name; "nextota" and "running" are the SDK's for the app slots. */
  constructor(path: "spool" | "nextota" | "running") {
    this.#flash = storage.open({ path });
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
