import type { FlashPartition, Sha256 } from "../ports.ts";

/** How much of an image is in the slot: whole sectors, and a hash over all of them. */
export interface SlotProgress {
  readonly sectors: number;
  /** SHA-256 of (the chain before, then the sector), from a chain of nothing; "" for no sector. */
  readonly chain: string;
}

const NOTHING: SlotProgress = { sectors: 0, chain: "" };

/**
 * Writes an image into a slot, a sector at a time and each byte once, and keeps count so that a loss of power costs one
 * sector. The count is written after the sector it counts.
 */
export class SlotWriter {
  readonly #slot: FlashPartition;
  readonly #createSha256: () => Sha256;
  readonly #save: (progress: SlotProgress) => void;
  /** What is not in flash yet; from a download's first byte on, until nothing of it is left. */
  #sector: Uint8Array | undefined;
  #progress = NOTHING;
  #buffered = 0;

  constructor(
    slot: FlashPartition,
    createSha256: () => Sha256,
    save: (progress: SlotProgress) => void,
  ) {
    this.#slot = slot;
    this.#createSha256 = createSha256;
    this.#save = save;
  }

  /** What needs not be fetched again. */
  get fileOffsetBytes(): number {
    return this.#progress.sectors * this.#slot.sectorBytes;
  }

  /** All that was given to it, also what is not in flash yet. */
  get takenBytes(): number {
    return this.fileOffsetBytes + this.#buffered;
  }

  /** Goes on behind what a boot before left, when the flash still holds it; else from the beginning. */
  resume(saved: SlotProgress): void {
    this.rewind();
    this.#progress = NOTHING;
    const bytes = new Uint8Array(this.#slot.sectorBytes);
    let chain = "";
    for (let sector = 0; sector < saved.sectors; sector++) {
      this.#slot.read(sector * bytes.length, bytes);
      chain = this.link(chain, bytes);
    }
    if (chain === saved.chain) this.#progress = saved;
  }

  restart(): void {
    this.rewind();
    this.#progress = NOTHING;
    this.#save(NOTHING);
  }

  /** Drops what is not in flash: the next bytes are those at `fileOffsetBytes`. */
  rewind(): void {
    this.#buffered = 0;
    this.#sector = undefined;
  }

  append(bytes: Uint8Array): void {
    this.#sector ??= new Uint8Array(this.#slot.sectorBytes);
    const sector = this.#sector;
    for (let at = 0; at < bytes.length; ) {
      const length = Math.min(sector.length - this.#buffered, bytes.length - at);
      sector.set(bytes.subarray(at, at + length), this.#buffered);
      this.#buffered += length;
      at += length;
      if (this.#buffered === sector.length) this.flush(sector);
    }
  }

  /** The image's end: what is left of it fills no sector, and is fetched again after a loss of power. */
  finish(): void {
    const tail = this.#sector?.subarray(0, this.#buffered);
    this.#sector = undefined;
    if (tail === undefined || tail.length === 0) return;
    const { sectors } = this.#progress;
    this.#slot.eraseSector(sectors);
    this.#slot.program(sectors * this.#slot.sectorBytes, tail);
  }

  /** Of the image's bytes as they are in flash, lower-case hex. */
  hash(sizeBytes: number): string {
    const sha256 = this.#createSha256();
    const bytes = new Uint8Array(this.#slot.sectorBytes);
    for (let at = 0; at < sizeBytes; at += bytes.length) {
      const piece = bytes.subarray(0, Math.min(bytes.length, sizeBytes - at));
      this.#slot.read(at, piece);
      sha256.write(piece);
    }
    return sha256.finish();
  }

  private flush(sector: Uint8Array): void {
    const { sectors, chain } = this.#progress;
    this.#slot.eraseSector(sectors);
    this.#slot.program(sectors * sector.length, sector);
    this.#buffered = 0;
    this.#progress = { sectors: sectors + 1, chain: this.link(chain, sector) };
    this.#save(this.#progress);
  }

  private link(chain: string, sector: Uint8Array): string {
    const sha256 = this.#createSha256();
    sha256.write(asciiBytes(chain));
    sha256.write(sector);
    return sha256.finish();
  }
}

function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
