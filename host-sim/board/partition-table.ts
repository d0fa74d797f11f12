import { createHash } from "node:crypto";
import { PARTITION_TABLE_BYTES, readPartitionRows } from "../../protocol/partition-table.ts";
import { type Flash, SECTOR_BYTES } from "./flash.ts";

/** The ESP-IDF v6.0 partition table: the CSV of the build and its binary form at 0x8000. */
export const PARTITION_TABLE_OFFSET = 0x8000;
const ENTRY_BYTES = 32;
const ENTRY_MAGIC = 0x50aa;
const DIGEST_MAGIC = 0xebeb;
const DIGEST_AT = 16;
/** An app is mapped by pages of this size. */
const APP_ALIGNMENT_BYTES = 0x10000;

export interface Partition {
  readonly label: string;
  readonly type: number;
  readonly subtype: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

const APP_TYPE = 0;
const DATA_TYPE = 1;
const FACTORY_SUBTYPE = 0x00;
const OTA_SUBTYPE_FIRST = 0x10;
const OTA_SLOTS_MAX = 16;
const TEST_SUBTYPE = 0x20;
const OTADATA_SUBTYPE = 0;

const TYPES: Readonly<Record<string, number>> = { app: APP_TYPE, data: DATA_TYPE };
const SUBTYPES: Readonly<Record<string, number>> = {
  ota: OTADATA_SUBTYPE,
  phy: 1,
  nvs: 2,
  ota_0: OTA_SUBTYPE_FIRST,
  ota_1: OTA_SUBTYPE_FIRST + 1,
};

export function isFactory({ type, subtype }: Partition): boolean {
  return type === APP_TYPE && subtype === FACTORY_SUBTYPE;
}

export function isTest({ type, subtype }: Partition): boolean {
  return type === APP_TYPE && subtype === TEST_SUBTYPE;
}

export function isOtadata({ type, subtype }: Partition): boolean {
  return type === DATA_TYPE && subtype === OTADATA_SUBTYPE;
}

/** n of ota_n; undefined for every other partition. */
export function slotNumber({ type, subtype }: Partition): number | undefined {
  const slot = subtype - OTA_SUBTYPE_FIRST;
  return type === APP_TYPE && slot >= 0 && slot < OTA_SLOTS_MAX ? slot : undefined;
}

/** Throws on a line it cannot read: the file is ours. */
export function parsePartitionCsv(csv: string): Partition[] {
  return csv
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => {
      const [label, type, subtype, offset, size] = line.split(",").map((cell) => cell.trim());
      const partition = {
        label: label ?? "",
        type: numberOrName(type, TYPES),
        subtype: numberOrName(subtype, SUBTYPES),
        offsetBytes: numberOrName(offset, {}),
        sizeBytes: numberOrName(size, {}),
      };
      const unit = partition.type === APP_TYPE ? APP_ALIGNMENT_BYTES : SECTOR_BYTES;
      if (partition.offsetBytes % unit !== 0) {
        throw new Error(`partition table: ${label} does not start at a multiple of ${unit}`);
      }
      return partition;
    });
}

function numberOrName(cell: string | undefined, names: Readonly<Record<string, number>>): number {
  const value = names[cell ?? ""] ?? Number(cell || Number.NaN);
  if (!Number.isInteger(value)) throw new Error(`partition table: cannot read "${cell}"`);
  return value;
}

export function encodePartitionTable(partitions: readonly Partition[]): Uint8Array {
  const table = Buffer.alloc(PARTITION_TABLE_BYTES, 0xff);
  partitions.forEach((partition, index) => {
    const at = index * ENTRY_BYTES;
    table.writeUInt16LE(ENTRY_MAGIC, at);
    table[at + 2] = partition.type;
    table[at + 3] = partition.subtype;
    table.writeUInt32LE(partition.offsetBytes, at + 4);
    table.writeUInt32LE(partition.sizeBytes, at + 8);
    table.fill(0, at + 12, at + ENTRY_BYTES);
    table.write(partition.label, at + 12, 15, "latin1");
  });
  return table;
}

/** Why the bootloader does not accept a table: a size, a wrong MD5, a row of no known kind, no end. */
export type PartitionTableFault = "size" | "md5" | "row" | "end";

/** Verifies as esp_partition_table_verify does: rows, perhaps their MD5, and an end within the table's bytes. */
export function decodePartitionTable(
  bytes: Uint8Array,
  chipBytes: number,
): Partition[] | PartitionTableFault {
  const table = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const partitions = readPartitionRows(bytes);
  if (partitions.some(({ offsetBytes, sizeBytes }) => offsetBytes + sizeBytes > chipBytes)) {
    return "size";
  }
  let at = partitions.length * ENTRY_BYTES;
  if (at < PARTITION_TABLE_BYTES && table.readUInt16LE(at) === DIGEST_MAGIC) {
    if (!digestMatches(table, at)) return "md5";
    at += ENTRY_BYTES;
  }
  if (at >= PARTITION_TABLE_BYTES) return "end";
  return table.readUInt32LE(at) === 0xffffffff ? partitions : "row";
}

function digestMatches(table: Buffer, at: number): boolean {
  const digest = createHash("md5").update(table.subarray(0, at)).digest();
  return digest.equals(table.subarray(at + DIGEST_AT, at + ENTRY_BYTES));
}

export function readPartitionTable(flash: Flash): Partition[] | PartitionTableFault {
  const table = new Uint8Array(PARTITION_TABLE_BYTES);
  flash.read(PARTITION_TABLE_OFFSET, table);
  return decodePartitionTable(table, flash.sizeBytes);
}
