import { writeUint32 } from "../../amb82-bridge/link/frame.ts";
import { SPOOL_ITEMS_MAX } from "../limits.ts";
import type { SpoolFlash } from "../ports.ts";
import { decodeFacts, encodeFacts, type SpoolItem, type StillFacts } from "./spool-item.ts";
import {
  ATTEMPTS_AT,
  attemptsWord,
  COMMITTED_AT,
  FIRST_DATA_AT,
  META_BYTES_MAX,
  REMOVED_AT,
  readFirstSector,
  readHeader,
  SECTOR_HEADER_BYTES,
  writeFirstSector,
  writeOtherSector,
} from "./spool-sector.ts";

interface Stored extends SpoolItem {
  readonly sectors: readonly number[];
}

interface Draft {
  readonly item: Stored;
  writtenBytes: number;
}

/**
 * Stills on NOR flash, each in sectors of its own. A still exists from commit on; a power cut before that leaves
 * sectors that are simply free again. Sectors are taken in turn, so that they wear alike.
 */
export class Spool {
  readonly #flash: SpoolFlash;
  readonly #sectorCount: number;
  readonly #header = new Uint8Array(FIRST_DATA_AT);
  readonly #word = new Uint8Array(4);
  readonly #free: boolean[];
  #items: Stored[] = [];
  #draft: Draft | undefined;
  #nextSector = 0;
  #nextSequence = 1;

  constructor(flash: SpoolFlash) {
    this.#flash = flash;
    this.#sectorCount = Math.floor(flash.sizeBytes / flash.sectorBytes);
    this.#free = new Array<boolean>(this.#sectorCount).fill(true);
    this.#mount();
  }

  /** Oldest first. */
  get items(): readonly SpoolItem[] {
    return this.#items;
  }

  get usedBytes(): number {
    return this.#items.reduce((sum, item) => sum + item.sizeBytes, 0);
  }

  /** Could a still of this size ever fit, with everything else gone? */
  fits(sizeBytes: number): boolean {
    return this.#sectorsFor(sizeBytes) <= this.#sectorCount;
  }

  /** Is there room now, without giving up an older still? */
  hasRoom(sizeBytes: number): boolean {
    const free = this.#free.reduce((count, isFree) => count + (isFree ? 1 : 0), 0);
    return this.#sectorsFor(sizeBytes) <= free && this.#items.length < SPOOL_ITEMS_MAX;
  }

  /** Erases what the still needs and writes its facts. The caller has made room. */
  begin(facts: StillFacts): void {
    this.abort();
    const sectors = this.#takeSectors(this.#sectorsFor(facts.sizeBytes));
    const sequence = this.#nextSequence++;
    this.#draft = { item: { ...facts, sequence, attempts: 0, sectors }, writtenBytes: 0 };
    for (let index = sectors.length - 1; index >= 0; index--) {
      this.#startSector(sectors, index, sequence, encodeFacts(facts));
    }
  }

  write(bytes: Uint8Array): void {
    const draft = this.#openDraft();
    this.#eachPiece(draft.item, draft.writtenBytes, bytes, (at, piece) => {
      this.#flash.program(at, piece);
    });
    draft.writtenBytes += bytes.length;
  }

  /** From here on the still survives a power cut. */
  commit(): void {
    const { item, writtenBytes } = this.#openDraft();
    if (writtenBytes !== item.sizeBytes) throw new Error("spool: commit of an incomplete still");
    this.#programWord(item, COMMITTED_AT, 0);
    this.#draft = undefined;
    this.#items.push(item);
  }

  /** Gives up the still that is being written, if any. */
  abort(): void {
    if (this.#draft === undefined) return;
    this.#release(this.#draft.item);
    this.#draft = undefined;
  }

  countAttempt(sequence: number): void {
    const item = this.#find(sequence);
    item.attempts++;
    this.#programWord(item, ATTEMPTS_AT, attemptsWord(item.attempts));
  }

  remove(sequence: number): void {
    const item = this.#find(sequence);
    this.#programWord(item, REMOVED_AT, 0);
    this.#items = this.#items.filter((other) => other !== item);
    this.#release(item);
  }

  /** Fills `into` with the still's bytes from `fileOffsetBytes`; answers how many there were. */
  read(sequence: number, fileOffsetBytes: number, into: Uint8Array): number {
    const item = this.#find(sequence);
    const length = Math.min(into.length, item.sizeBytes - fileOffsetBytes);
    const wanted = length === into.length ? into : into.subarray(0, length);
    this.#eachPiece(item, fileOffsetBytes, wanted, (at, piece) => this.#flash.read(at, piece));
    return length;
  }

  /** Splits a run of the still's bytes at sector borders: data starts behind each sector's header. */
  #eachPiece(
    item: Stored,
    fileOffsetBytes: number,
    bytes: Uint8Array,
    visit: (partitionOffsetBytes: number, piece: Uint8Array) => void,
  ): void {
    const { sectorBytes } = this.#flash;
    const dataBytes = sectorBytes - SECTOR_HEADER_BYTES;
    let at = fileOffsetBytes + META_BYTES_MAX;
    for (let done = 0; done < bytes.length; ) {
      const inSector = at % dataBytes;
      const length = Math.min(dataBytes - inSector, bytes.length - done);
      const sector = item.sectors[Math.floor(at / dataBytes)] as number;
      const whole = done === 0 && length === bytes.length;
      const piece = whole ? bytes : bytes.subarray(done, done + length);
      visit(sector * sectorBytes + SECTOR_HEADER_BYTES + inSector, piece);
      done += length;
      at += length;
    }
  }

  #sectorsFor(sizeBytes: number): number {
    const dataBytes = this.#flash.sectorBytes - SECTOR_HEADER_BYTES;
    return Math.ceil((META_BYTES_MAX + sizeBytes) / dataBytes);
  }

  #takeSectors(count: number): number[] {
    const taken: number[] = [];
    for (let step = 0; step < this.#sectorCount && taken.length < count; step++) {
      const sector = (this.#nextSector + step) % this.#sectorCount;
      if (this.#free[sector] === true) taken.push(sector);
    }
    if (taken.length < count) throw new Error("spool: no room was made");
    for (const sector of taken) this.#free[sector] = false;
    this.#nextSector = ((taken.at(-1) ?? 0) + 1) % this.#sectorCount;
    return taken;
  }

  #startSector(sectors: readonly number[], index: number, sequence: number, meta: string): void {
    const sector = sectors[index] as number;
    const header = { sequence, index, sectors: sectors.length };
    this.#flash.eraseSector(sector);
    if (index === 0) writeFirstSector(this.#header, header, meta);
    else writeOtherSector(this.#header, header);
    const length = index === 0 ? SECTOR_HEADER_BYTES + meta.length : SECTOR_HEADER_BYTES;
    this.#flash.program(sector * this.#flash.sectorBytes, this.#header.subarray(0, length));
  }

  #programWord(item: Stored, at: number, value: number): void {
    writeUint32(this.#word, 0, value);
    this.#flash.program((item.sectors[0] as number) * this.#flash.sectorBytes + at, this.#word);
  }

  #release(item: Stored): void {
    for (const sector of item.sectors) this.#free[sector] = true;
  }

  #find(sequence: number): Stored {
    const item = this.#items.find((candidate) => candidate.sequence === sequence);
    if (item === undefined) throw new Error("spool: no such still");
    return item;
  }

  #openDraft(): Draft {
    if (this.#draft === undefined) throw new Error("spool: nothing is being written");
    return this.#draft;
  }

  #mount(): void {
    const others = new Map<number, number[]>();
    const firsts: number[] = [];
    for (let sector = 0; sector < this.#sectorCount; sector++) {
      const header = this.#readHeader(sector, SECTOR_HEADER_BYTES);
      if (header === undefined) continue;
      this.#nextSequence = Math.max(this.#nextSequence, header.sequence + 1);
      if (header.index === 0) firsts.push(sector);
      else chain(others, header.sequence)[header.index] = sector;
    }
    for (const sector of firsts) this.#mountItem(sector, others);
    this.#items.sort((a, b) => a.sequence - b.sequence);
    this.#nextSector = ((this.#items.at(-1)?.sectors.at(-1) ?? -1) + 1) % this.#sectorCount;
  }

  #mountItem(sector: number, others: Map<number, number[]>): void {
    this.#readHeader(sector, FIRST_DATA_AT);
    const first = readFirstSector(this.#header);
    const facts = first === undefined ? undefined : decodeFacts(first.meta);
    if (first === undefined || facts === undefined || !first.committed || first.removed) return;
    const sectors = [sector, ...chain(others, first.sequence).slice(1)];
    const complete = sectors.length === first.sectors && sectors.every((at) => at !== undefined);
    if (!complete || first.sectors !== this.#sectorsFor(facts.sizeBytes)) return;
    for (const taken of sectors) this.#free[taken] = false;
    const { sequence, attempts } = first;
    this.#items.push({ ...facts, sequence, attempts, sectors });
  }

  #readHeader(sector: number, lengthBytes: number) {
    const view = this.#header.subarray(0, lengthBytes);
    this.#flash.read(sector * this.#flash.sectorBytes, view);
    return readHeader(this.#header);
  }
}

function chain(others: Map<number, number[]>, sequence: number): number[] {
  const known = others.get(sequence);
  if (known !== undefined) return known;
  const sectors: number[] = [];
  others.set(sequence, sectors);
  return sectors;
}
