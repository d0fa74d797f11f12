import { crc32 } from "node:zlib";
import { type Flash, FlashFault, SECTOR_BYTES } from "./flash.ts";
import type { Partition } from "./partition-table.ts";

/** esp_ota_select_entry_t, 32 bytes at the start of each of otadata's two sectors. */
const ENTRY_BYTES = 32;
const LABEL_AT = 4;
const STATE_AT = 24;
const CRC_AT = 28;
const NO_SEQUENCE = 0xffffffff;

/** esp_ota_img_states_t */
export const IMAGE_STATE = {
  new: 0,
  pendingVerify: 1,
  valid: 2,
  invalid: 3,
  aborted: 4,
  undefined: 0xffffffff,
} as const;

export interface OtadataEntry {
  readonly sequence: number;
  /** Nobody reads it; whoever rewrites an entry keeps it. */
  readonly label: Uint8Array;
  readonly state: number;
  readonly crc: number;
}

export type Otadata = readonly [OtadataEntry, OtadataEntry];
export type EntryIndex = 0 | 1;

/** Of the sequence alone: the state can change, or rot, and nothing notices. */
export function sequenceCrc(sequence: number): number {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(sequence);
  return crc32(bytes, 0xffffffff);
}

export function makeEntry(sequence: number, state: number): OtadataEntry {
  const label = new Uint8Array(STATE_AT - LABEL_AT).fill(0xff);
  return { sequence, label, state, crc: sequenceCrc(sequence) };
}

export function decodeEntry(bytes: Uint8Array): OtadataEntry {
  const entry = Buffer.from(bytes);
  return {
    sequence: entry.readUInt32LE(0),
    label: entry.subarray(LABEL_AT, STATE_AT),
    state: entry.readUInt32LE(STATE_AT),
    crc: entry.readUInt32LE(CRC_AT),
  };
}

export function encodeEntry({ sequence, label, state, crc }: OtadataEntry): Uint8Array {
  const bytes = Buffer.alloc(ENTRY_BYTES);
  bytes.writeUInt32LE(sequence);
  bytes.set(label, LABEL_AT);
  bytes.writeUInt32LE(state, STATE_AT);
  bytes.writeUInt32LE(crc, CRC_AT);
  return bytes;
}

export function crcMatches({ sequence, crc }: OtadataEntry): boolean {
  return crc === sequenceCrc(sequence);
}

export function hasSequence(entry: OtadataEntry): boolean {
  return entry.sequence !== NO_SEQUENCE && crcMatches(entry);
}

export function isRejected({ state }: OtadataEntry): boolean {
  return state === IMAGE_STATE.invalid || state === IMAGE_STATE.aborted;
}

/** Not the contrary of valid: an entry with a wrong CRC is neither. */
export function isInvalid(entry: OtadataEntry): boolean {
  return entry.sequence === NO_SEQUENCE || isRejected(entry);
}

export function isValid(entry: OtadataEntry): boolean {
  return !isInvalid(entry) && crcMatches(entry);
}

/** The valid entry of the highest sequence; the first if both have the same. */
export function activeEntry([first, second]: Otadata): EntryIndex | undefined {
  if (isValid(first) && isValid(second)) return second.sequence > first.sequence ? 1 : 0;
  if (isValid(first)) return 0;
  return isValid(second) ? 1 : undefined;
}

/** Of 32 unsigned bits, so a sequence of 0 counts as the last there is. */
export function slotOf(sequence: number, slotCount: number): number {
  return ((sequence - 1) >>> 0) % slotCount;
}

export function readOtadata(flash: Flash, { offsetBytes }: Partition): Otadata {
  const read = (index: EntryIndex) => {
    const bytes = new Uint8Array(ENTRY_BYTES);
    flash.read(offsetBytes + index * SECTOR_BYTES, bytes);
    return decodeEntry(bytes);
  };
  return [read(0), read(1)];
}

/**
 * Erases the sector, then programs the entry if there is one: between the two there is none. False when the chip
 * fails, which the driver reports and the bootloader only logs.
 */
export function writeEntry(
  flash: Flash,
  { offsetBytes }: Partition,
  index: EntryIndex,
  entry: OtadataEntry | undefined,
): boolean {
  const at = offsetBytes + index * SECTOR_BYTES;
  try {
    flash.eraseSector(at / SECTOR_BYTES);
    if (entry !== undefined) flash.program(at, encodeEntry(entry));
    return true;
  } catch (error) {
    if (error instanceof FlashFault) return false;
    throw error;
  }
}
