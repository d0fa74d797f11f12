import { crc32 } from "node:zlib";
import { type AppImage, decodeAppImage, encodeAppImage } from "./app-image.ts";
import type { Flash } from "./flash.ts";
import {
  APP_TYPE,
  DATA_TYPE,
  decodePartitionTable,
  encodePartitionTable,
  OTA_SUBTYPE_FIRST,
  OTADATA_SUBTYPE,
  PARTITION_TABLE_BYTES,
  PARTITION_TABLE_OFFSET,
  type Partition,
} from "./partition-table.ts";

const OTADATA_SECTOR_BYTES = 4096;
const OTADATA_ENTRY_BYTES = 32;
const STATE_INVALID = 3;
const STATE_ABORTED = 4;
const NO_SEQUENCE = 0xffffffff;

/** A new board as it leaves the desk: partition table and one image in the first slot, everything else erased. */
export function flashFactory(
  flash: Flash,
  partitions: readonly Partition[],
  app: Omit<AppImage, "elfSha256">,
): void {
  flash.program(PARTITION_TABLE_OFFSET, encodePartitionTable(partitions));
  const slot = appSlots(partitions)[0];
  const image = encodeAppImage(app);
  if (slot === undefined || image.length > slot.sizeBytes) {
    throw new Error(`the image of ${image.length} bytes does not fit a slot`);
  }
  flash.program(slot.offsetBytes, image);
}

export function readPartitions(flash: Flash): Partition[] {
  const table = new Uint8Array(PARTITION_TABLE_BYTES);
  flash.read(PARTITION_TABLE_OFFSET, table);
  return decodePartitionTable(table);
}

/**
 * Selects a slot by otadata as ESP-IDF v6.0 does without rollback, verifies its image and falls back through the
 * others; undefined when none boots.
 */
export function boot(flash: Flash): AppImage | undefined {
  const partitions = readPartitions(flash);
  const slots = appSlots(partitions);
  const start = activeSlot(flash, partitions, slots.length);
  const order = [...slots.slice(0, start + 1).reverse(), ...slots.slice(start + 1)];
  for (const slot of order) {
    const bytes = new Uint8Array(slot.sizeBytes);
    flash.read(slot.offsetBytes, bytes);
    const image = decodeAppImage(bytes);
    if (typeof image === "object") return image;
  }
  return undefined;
}

function appSlots(partitions: readonly Partition[]): Partition[] {
  return partitions
    .filter(({ type, subtype }) => type === APP_TYPE && subtype >= OTA_SUBTYPE_FIRST)
    .sort((a, b) => a.subtype - b.subtype);
}

function activeSlot(flash: Flash, partitions: readonly Partition[], slotCount: number): number {
  const otadata = partitions.find(
    ({ type, subtype }) => type === DATA_TYPE && subtype === OTADATA_SUBTYPE,
  );
  if (otadata === undefined) return 0;
  const sequences = [0, 1].map((index) => {
    const entry = Buffer.alloc(OTADATA_ENTRY_BYTES);
    flash.read(otadata.offsetBytes + index * OTADATA_SECTOR_BYTES, entry);
    return validSequence(entry);
  });
  const sequence = Math.max(...sequences);
  return sequence === 0 ? 0 : (sequence - 1) % slotCount;
}

/** 0 for an entry that does not count. The CRC covers the sequence only. */
function validSequence(entry: Buffer): number {
  const sequence = entry.readUInt32LE(0);
  const state = entry.readUInt32LE(24);
  if (sequence === NO_SEQUENCE || state === STATE_INVALID || state === STATE_ABORTED) return 0;
  return entry.readUInt32LE(28) === crc32(entry.subarray(0, 4), 0xffffffff) ? sequence : 0;
}
