import { writeUint32 } from "../../amb82-bridge/link/frame.ts";
import { SPOOL_AHEAD_SECTORS, SPOOL_ITEMS_MAX } from "../limits.ts";
import type { FlashPartition } from "../ports.ts";
import { decodeFacts, encodeFacts, type SpoolItem, type StillFacts } from "./spool-item.ts";
import {
  ATTEMPTS_AT,
  attemptsWord,
  COMMITTED_AT,
  FIRST_DATA_AT,
  type FirstSector,
  META_BYTES_MAX,
  REMOVED_AT,
  readSector,
  SECTOR_HEADER_BYTES,
  writeFirstSector,
  writeOtherSector,
} from "./spool-sector.ts";

interface Stored extends SpoolItem {
  readonly sectors: readonly number[];
}

interface Draft {
  readonly item: Stored;
  /** Of the sector that is being started. */
  readonly header: Uint8Array;
  writtenBytes: number;
  startedSectors: number;
}

/**
 * Stills on NOR flash, each in sectors of its own. A still exists from commit on; a power cut before that leaves
 * sectors that are simply free again. Sectors are taken in turn, so that they wear alike.
 */
export class Spool {
  readonly #flash: FlashPartition;
  readonly #sectorCount: number;
  /** 1 for each sector of no still: bytes, since an array of truths takes 16 for each. */
  readonly #free: Uint8Array;
  /** 1 for each that was erased in this boot and is untouched since. */
  readonly #erased: Uint8Array;
  #items: Stored[] = [];
  #draft: Draft | undefined;
  #nextSector = 0;
  #nextSequence = 1;

  constructor(flash: FlashPartition) {
    this.#flash = flash;
    this.#sectorCount = Math.floor(flash.sizeBytes / flash.sectorBytes);
    this.#free = new Uint8Array(this.#sectorCount).fill(1);
    this.#erased = new Uint8Array(this.#sectorCount);
    this.mount();
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
    return this.sectorsFor(sizeBytes) <= this.#sectorCount;
  }

  /** Is there room now, without giving up an older still? */
  hasRoom(sizeBytes: number): boolean {
    const free = this.#free.reduce((count, isFree) => count + isFree, 0);
    return this.sectorsFor(sizeBytes) <= free && this.#items.length < SPOOL_ITEMS_MAX;
  }

  /**
   * Erases one of the sectors that the next still will take, 45 ms: done while the camera boots, it holds up nothing.
   * What is not erased ahead is erased as the bytes come.
   */
  prepare(): void {
    const next = this.nextFree(SPOOL_AHEAD_SECTORS).find((sector) => this.#erased[sector] === 0);
    if (next === undefined) return;
    this.#flash.eraseSector(next);
    this.#erased[next] = 1;
  }

  /** Takes the still's sectors and writes its facts. The caller has made room. */
  begin(facts: StillFacts): void {
    this.abort();
    const sectors = this.takeSectors(this.sectorsFor(facts.sizeBytes));
    const sequence = this.#nextSequence++;
    const item = { ...facts, sequence, attempts: 0, sectors };
    const header = new Uint8Array(FIRST_DATA_AT);
    this.#draft = { item, header, writtenBytes: 0, startedSectors: 0 };
    this.startSector(this.#draft);
  }

  write(bytes: Uint8Array): void {
    const draft = this.openDraft();
    this.eachPiece(draft.item, draft.writtenBytes, bytes, (at, piece, sectorIndex) => {
      while (draft.startedSectors <= sectorIndex) this.startSector(draft);
      this.#flash.program(at, piece);
    });
    draft.writtenBytes += bytes.length;
  }

  /** From here on the still survives a power cut. */
  commit(): void {
    const { item, writtenBytes } = this.openDraft();
    if (writtenBytes !== item.sizeBytes) throw new Error("spool: commit of an incomplete still");
    this.programWord(item, COMMITTED_AT, 0);
    this.#draft = undefined;
    this.#items.push(item);
  }

  /** Gives up the still that is being written, if any. */
  abort(): void {
    if (this.#draft === undefined) return;
    this.release(this.#draft.item);
    this.#draft = undefined;
  }

  countAttempt(sequence: number): void {
    const item = this.find(sequence);
    item.attempts++;
    this.programWord(item, ATTEMPTS_AT, attemptsWord(item.attempts));
  }

  remove(sequence: number): void {
    const item = this.find(sequence);
    this.programWord(item, REMOVED_AT, 0);
    this.#items = this.#items.filter((other) => other !== item);
    this.release(item);
  }

  /** Fills `into` with the still's bytes from `fileOffsetBytes`; answers how many there were. */
  read(sequence: number, fileOffsetBytes: number, into: Uint8Array): number {
    const item = this.find(sequence);
    const length = Math.min(into.length, item.sizeBytes - fileOffsetBytes);
    const wanted = length === into.length ? into : into.subarray(0, length);
    this.eachPiece(item, fileOffsetBytes, wanted, (at, piece) => this.#flash.read(at, piece));
    return length;
  }

  /** Splits a run of the still's bytes at sector borders: data starts behind each sector's header. */
  private eachPiece(
    item: Stored,
    fileOffsetBytes: number,
    bytes: Uint8Array,
    visit: (partitionOffsetBytes: number, piece: Uint8Array, sectorIndex: number) => void,
  ): void {
    const { sectorBytes } = this.#flash;
    const dataBytes = sectorBytes - SECTOR_HEADER_BYTES;
    let at = fileOffsetBytes + META_BYTES_MAX;
    for (let done = 0; done < bytes.length; ) {
      const inSector = at % dataBytes;
      const length = Math.min(dataBytes - inSector, bytes.length - done);
      const sectorIndex = Math.floor(at / dataBytes);
      const sector = item.sectors[sectorIndex] as number;
      const whole = done === 0 && length === bytes.length;
      const piece = whole ? bytes : bytes.subarray(done, done + length);
      visit(sector * sectorBytes + SECTOR_HEADER_BYTES + inSector, piece, sectorIndex);
      done += length;
      at += length;
    }
  }

  private sectorsFor(sizeBytes: number): number {
    const dataBytes = this.#flash.sectorBytes - SECTOR_HEADER_BYTES;
    return Math.ceil((META_BYTES_MAX + sizeBytes) / dataBytes);
  }

  private takeSectors(count: number): number[] {
    const taken = this.nextFree(count);
    if (taken.length < count) throw new Error("spool: no room was made");
    for (const sector of taken) this.#free[sector] = 0;
    this.#nextSector = ((taken.at(-1) ?? 0) + 1) % this.#sectorCount;
    return taken;
  }

  /** Free sectors in the order in which they are taken, `count` at most. */
  private nextFree(count: number): number[] {
    const found: number[] = [];
    for (let step = 0; step < this.#sectorCount && found.length < count; step++) {
      const sector = (this.#nextSector + step) % this.#sectorCount;
      if (this.#free[sector] === 1) found.push(sector);
    }
    return found;
  }

  private startSector(draft: Draft): void {
    const { item, header } = draft;
    const index = draft.startedSectors++;
    const sector = item.sectors[index] as number;
    const place = { sequence: item.sequence, index, sectors: item.sectors.length };
    const meta = index === 0 ? encodeFacts(item) : "";
    if (index === 0) writeFirstSector(header, place, meta);
    else writeOtherSector(header, place);
    if (this.#erased[sector] === 0) this.#flash.eraseSector(sector);
    this.#erased[sector] = 0;
    const length = SECTOR_HEADER_BYTES + meta.length;
    this.#flash.program(sector * this.#flash.sectorBytes, header.subarray(0, length));
  }

  private programWord(item: Stored, at: number, value: number): void {
    const word = new Uint8Array(4);
    writeUint32(word, 0, value);
    this.#flash.program((item.sectors[0] as number) * this.#flash.sectorBytes + at, word);
  }

  private release(item: Stored): void {
    for (const sector of item.sectors) this.#free[sector] = 1;
  }

  private find(sequence: number): Stored {
    const item = this.#items.find((candidate) => candidate.sequence === sequence);
    if (item === undefined) throw new Error("spool: no such still");
    return item;
  }

  private openDraft(): Draft {
    if (this.#draft === undefined) throw new Error("spool: nothing is being written");
    return this.#draft;
  }

  private mount(): void {
    const others = new Map<number, number[]>();
    const firsts: { sector: number; first: FirstSector }[] = [];
    const header = new Uint8Array(FIRST_DATA_AT);
    for (let sector = 0; sector < this.#sectorCount; sector++) {
      this.#flash.read(sector * this.#flash.sectorBytes, header);
      const found = readSector(header);
      if (found === undefined) continue;
      this.continueAfter(found.sequence, sector);
      if ("meta" in found) firsts.push({ sector, first: found });
      else chain(others, found.sequence)[found.index] = sector;
    }
    for (const { sector, first } of firsts) this.mountItem(sector, first, others);
    this.#items.sort((a, b) => a.sequence - b.sequence);
  }

  /** The newest still's numbers go on, and its last sector is where the next one starts: all sectors wear alike. */
  private continueAfter(sequence: number, sector: number): void {
    if (sequence + 1 < this.#nextSequence) return;
    this.#nextSequence = sequence + 1;
    this.#nextSector = (sector + 1) % this.#sectorCount;
  }

  private mountItem(sector: number, first: FirstSector, others: Map<number, number[]>): void {
    const facts = decodeFacts(first.meta);
    if (facts === undefined || !first.committed || first.removed) return;
    const sectors = [sector, ...chain(others, first.sequence).slice(1)];
    const complete = sectors.length === first.sectors && sectors.every((at) => at !== undefined);
    if (!complete || first.sectors !== this.sectorsFor(facts.sizeBytes)) return;
    for (const taken of sectors) this.#free[taken] = 0;
    const { sequence, attempts } = first;
    this.#items.push({ ...facts, sequence, attempts, sectors });
  }
}

function chain(others: Map<number, number[]>, sequence: number): number[] {
  const known = others.get(sequence);
  if (known !== undefined) return known;
  const sectors: number[] = [];
  others.set(sequence, sectors);
  return sectors;
}
