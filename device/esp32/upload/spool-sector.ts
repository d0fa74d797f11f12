/**
 * The spool on flash, one still in whole sectors. Programming only clears bits, so each later fact has its own word
 * that is cleared once: a power cut between any two writes leaves a state that mounting understands.
 *
 *   first sector   0 magic u32 | 4 sequence u32 | 8 index u16 = 0 | 10 sectors u16 | 12 CRC-32 of 0..11 and the meta u32
 *                  16 committed u32 | 20 removed u32 | 24 attempts u32 | 28 meta length u16 | 32 meta, 512 bytes | 544 data
 *   other sectors  0 magic u32 | 4 sequence u32 | 8 index u16 | 10 sectors u16 | 12 CRC-32 of 0..11 u32 | 32 data
 *
 * committed: all ones until every byte of the still is programmed, then zero. removed: anything but all ones means gone.
 * attempts: one bit cleared for each upload attempt, so that a restart does not forget them.
 */
import { crc32 } from "../../amb82-bridge/link/crc32.ts";
import { readUint16, readUint32, writeUint16, writeUint32 } from "../../amb82-bridge/link/frame.ts";

const MAGIC = 0x50534b53;
export const SECTOR_HEADER_BYTES = 32;
export const META_BYTES_MAX = 512;
export const FIRST_DATA_AT = SECTOR_HEADER_BYTES + META_BYTES_MAX;
export const COMMITTED_AT = 16;
export const REMOVED_AT = 20;
export const ATTEMPTS_AT = 24;
const CRC_AT = 12;
const META_LENGTH_AT = 28;
const ERASED_WORD = 0xffffffff;

export interface SectorHeader {
  readonly sequence: number;
  readonly index: number;
  readonly sectors: number;
}

export interface FirstSector extends SectorHeader {
  readonly index: 0;
  readonly committed: boolean;
  readonly removed: boolean;
  readonly attempts: number;
  readonly meta: string;
}

/** `meta` is ASCII, at most META_BYTES_MAX characters. */
export function writeFirstSector(into: Uint8Array, header: SectorHeader, meta: string): void {
  writeHeader(into, header);
  writeUint16(into, META_LENGTH_AT, meta.length);
  for (let at = 0; at < meta.length; at++) into[SECTOR_HEADER_BYTES + at] = meta.charCodeAt(at);
  writeUint32(into, CRC_AT, firstSectorCrc(into, meta.length));
}

export function writeOtherSector(into: Uint8Array, header: SectorHeader): void {
  writeHeader(into, header);
  writeUint32(into, CRC_AT, crc32(into, 0, CRC_AT));
}

function writeHeader(into: Uint8Array, header: SectorHeader): void {
  into.fill(0xff, 0, SECTOR_HEADER_BYTES);
  writeUint32(into, 0, MAGIC);
  writeUint32(into, 4, header.sequence);
  writeUint16(into, 8, header.index);
  writeUint16(into, 10, header.sectors);
}

/**
 * What a sector's first FIRST_DATA_AT bytes say; nothing of a header whose CRC does not hold is believed, its sequence
 * least of all: one torn to all ones would make every later still unreadable.
 */
export function readSector(bytes: Uint8Array): SectorHeader | FirstSector | undefined {
  if (readUint32(bytes, 0) !== MAGIC) return undefined;
  const index = readUint16(bytes, 8);
  const header = { sequence: readUint32(bytes, 4), index, sectors: readUint16(bytes, 10) };
  if (index === 0) return readFirstSector(bytes, header);
  return readUint32(bytes, CRC_AT) === crc32(bytes, 0, CRC_AT) ? header : undefined;
}

function readFirstSector(bytes: Uint8Array, header: SectorHeader): FirstSector | undefined {
  const metaLength = readUint16(bytes, META_LENGTH_AT);
  if (metaLength > META_BYTES_MAX) return undefined;
  if (readUint32(bytes, CRC_AT) !== firstSectorCrc(bytes, metaLength)) return undefined;
  let meta = "";
  for (let at = 0; at < metaLength; at++) {
    meta += String.fromCharCode(bytes[SECTOR_HEADER_BYTES + at] as number);
  }
  return {
    ...header,
    index: 0,
    committed: readUint32(bytes, COMMITTED_AT) === 0,
    removed: readUint32(bytes, REMOVED_AT) !== ERASED_WORD,
    attempts: clearedBits(readUint32(bytes, ATTEMPTS_AT)),
    meta,
  };
}

/** The attempts word with one more bit cleared; it stops at 32, long after an item is parked. */
export function attemptsWord(attempts: number): number {
  return attempts >= 32 ? 0 : (ERASED_WORD << attempts) >>> 0;
}

function clearedBits(word: number): number {
  let count = 0;
  for (let left = ~word >>> 0; left !== 0; left >>>= 1) count += left & 1;
  return count;
}

/** The CRC covers the fixed fields and the meta, not the words that change later. */
function firstSectorCrc(bytes: Uint8Array, metaLength: number): number {
  const head = crc32(bytes, 0, CRC_AT);
  return (head ^ crc32(bytes, META_LENGTH_AT, SECTOR_HEADER_BYTES + metaLength)) >>> 0;
}
