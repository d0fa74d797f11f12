import type { RandomStream } from "../random.ts";
import { tornErase, tornProgram } from "./torn-operation.ts";

export const SECTOR_BYTES = 4096;
const PAGE_BYTES = 256;

/** What the chip does in one go; the bytes of a program lie in one page. */
export type FlashOperation =
  | { readonly kind: "erase"; readonly sector: number }
  | { readonly kind: "program"; readonly offsetBytes: number; readonly bytes: Uint8Array };

/** Where in an operation the power goes: it had no effect yet, half of it, or all of it. */
export type CutPhase = "before" | "torn" | "after";

export interface PowerCutPlan {
  /** The operation that is cut, counted from the chip's first. */
  readonly operation: number;
  readonly phase: CutPhase;
  /** What is left half done is drawn from it. */
  readonly random: RandomStream;
}

/** Unwinds whatever was running: nobody is left to handle it. */
export class PowerCut extends Error {
  override readonly name = "PowerCut";
}

/** The chip did not finish an erase or a program. */
export class FlashFault extends Error {
  override readonly name = "FlashFault";
}

/** Since the chip was made. A sector erased once and programmed its length at most was written once per byte. */
export interface SectorWear {
  readonly erases: number;
  readonly programs: number;
  readonly bytesProgrammed: number;
}

interface Sector {
  readonly bytes: Uint8Array;
  readonly erases: number;
  programs: number;
  bytesProgrammed: number;
  /** The lease of the chip that may change this sector in place; for any other, and under a later lease, it is fixed. */
  readonly lease: object;
}

const NOBODY = {};
/** All erased sectors are this one: a chip of 4 MB takes no more memory than was programmed. */
const ERASED = new Uint8Array(SECTOR_BYTES).fill(0xff);
const UNTOUCHED: Sector = {
  bytes: ERASED,
  erases: 0,
  programs: 0,
  bytesProgrammed: 0,
  lease: NOBODY,
};

/** NOR flash: erasing sets a whole sector to ones, programming only clears bits. */
export class Flash {
  readonly sizeBytes: number;
  /** The chip stops taking erases and programs at this operation: it is worn out. */
  wornOutAt = Number.POSITIVE_INFINITY;
  readonly #sectors: Sector[];
  readonly #listeners: ((operation: FlashOperation) => void)[] = [];
  /** Renewed whenever somebody else gets to hold the sectors: that fixes all of them at once. */
  #lease: object = {};
  #operations = 0;
  #powered = true;
  #cut: PowerCutPlan | undefined;

  constructor(sizeBytes: number, origin?: Flash) {
    this.sizeBytes = sizeBytes;
    this.#sectors = origin
      ? origin.#sectors.slice()
      : new Array<Sector>(sizeBytes / SECTOR_BYTES).fill(UNTOUCHED);
  }

  /** Erases and programs so far. */
  get operations(): number {
    return this.#operations;
  }

  get powered(): boolean {
    return this.#powered;
  }

  wear(sector: number): SectorWear {
    const { erases, programs, bytesProgrammed } = this.#sector(sector);
    return { erases, programs, bytesProgrammed };
  }

  /** What a range holds, one thing per sector: where two of them are the same, so are the bytes, across forks too. */
  content(offsetBytes: number, lengthBytes: number): readonly object[] {
    this.#assertInside(offsetBytes, lengthBytes);
    this.#lease = {};
    const end = Math.ceil((offsetBytes + lengthBytes) / SECTOR_BYTES);
    return this.#sectors.slice(Math.floor(offsetBytes / SECTOR_BYTES), end);
  }

  read(offsetBytes: number, into: Uint8Array): void {
    if (!this.#powered) throw new PowerCut();
    this.#assertInside(offsetBytes, into.length);
    for (const { at, from, length } of pieces(offsetBytes, into.length, SECTOR_BYTES)) {
      const { bytes } = this.#sector(Math.floor(at / SECTOR_BYTES));
      const start = at % SECTOR_BYTES;
      into.set(bytes.subarray(start, start + length), from);
    }
  }

  program(offsetBytes: number, bytes: Uint8Array): void {
    this.#assertInside(offsetBytes, bytes.length);
    for (const { at, from, length } of pieces(offsetBytes, bytes.length, PAGE_BYTES)) {
      const page = bytes.subarray(from, from + length);
      this.#perform({ kind: "program", offsetBytes: at, bytes: page });
    }
  }

  eraseSector(sector: number): void {
    this.#sector(sector);
    this.#perform({ kind: "erase", sector });
  }

  cutPower(plan: PowerCutPlan): void {
    this.#cut = plan;
  }

  restorePower(): void {
    this.#powered = true;
  }

  /** Told of every operation before it is done; the bytes are the caller's and may change after. */
  watch(listener: (operation: FlashOperation) => void): void {
    this.#listeners.push(listener);
  }

  /** The same chip at this moment, with power, no cut planned and nobody watching. */
  fork(): Flash {
    this.#lease = {};
    const fork = new Flash(this.sizeBytes, this);
    fork.wornOutAt = this.wornOutAt;
    fork.#operations = this.#operations;
    return fork;
  }

  /** Leaves the chip as a power cut in that phase of the operation would. */
  cutIn(operation: FlashOperation, phase: CutPhase, random: RandomStream): void {
    if (phase === "after") this.#do(operation);
    if (phase === "torn") this.#tear(operation, random);
  }

  #perform(operation: FlashOperation): void {
    if (!this.#powered) throw new PowerCut();
    for (const listener of this.#listeners) listener(operation);
    this.#operations++;
    if (this.#operations >= this.wornOutAt) throw new FlashFault("flash: write failed");
    const cut = this.#cut;
    if (cut?.operation !== this.#operations) {
      this.#do(operation);
      return;
    }
    this.cutIn(operation, cut.phase, cut.random);
    this.#powered = false;
    throw new PowerCut();
  }

  #do(operation: FlashOperation): void {
    if (operation.kind === "erase") this.#erase(operation.sector, ERASED);
    else this.#clear(operation.offsetBytes, operation.bytes);
  }

  #tear(operation: FlashOperation, random: RandomStream): void {
    if (operation.kind === "erase") {
      const { sector } = operation;
      this.#erase(sector, tornErase(this.#sector(sector).bytes, random));
    } else this.#clear(operation.offsetBytes, tornProgram(operation.bytes, random));
  }

  #erase(index: number, bytes: Uint8Array): void {
    const sector = this.#sector(index);
    this.#sectors[index] = { ...sector, bytes, erases: sector.erases + 1, lease: NOBODY };
  }

  #clear(offsetBytes: number, page: Uint8Array): void {
    const sector = this.#own(Math.floor(offsetBytes / SECTOR_BYTES));
    const start = offsetBytes % SECTOR_BYTES;
    clearBits(sector.bytes.subarray(start, start + page.length), page);
    sector.programs++;
    sector.bytesProgrammed += page.length;
  }

  #own(index: number): Sector {
    const sector = this.#sector(index);
    if (sector.lease === this.#lease) return sector;
    const own = { ...sector, bytes: new Uint8Array(sector.bytes), lease: this.#lease };
    this.#sectors[index] = own;
    return own;
  }

  #sector(index: number): Sector {
    const sector = this.#sectors[index];
    if (sector === undefined) throw new Error(`flash: no sector ${index}`);
    return sector;
  }

  #assertInside(offsetBytes: number, lengthBytes: number): void {
    if (offsetBytes < 0 || offsetBytes + lengthBytes > this.sizeBytes) {
      throw new Error(`flash: ${offsetBytes}+${lengthBytes} is outside the chip`);
    }
  }
}

/** Nearly every page is programmed where it was erased: then it is the page itself, without a look at each byte. */
function clearBits(cells: Uint8Array, page: Uint8Array): void {
  if (Buffer.compare(cells, ERASED.subarray(0, cells.length)) === 0) return cells.set(page);
  for (let at = 0; at < cells.length; at++) {
    cells[at] = (cells[at] as number) & (page[at] as number);
  }
}

/** A range cut at the borders of sectors or pages. */
function pieces(offsetBytes: number, lengthBytes: number, unitBytes: number) {
  const found: { at: number; from: number; length: number }[] = [];
  for (let from = 0; from < lengthBytes; ) {
    const at = offsetBytes + from;
    const length = Math.min(unitBytes - (at % unitBytes), lengthBytes - from);
    found.push({ at, from, length });
    from += length;
  }
  return found;
}
