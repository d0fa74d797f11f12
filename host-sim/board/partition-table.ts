/** The ESP-IDF v6.0 partition table: the CSV of the build and its binary form at 0x8000. */
export const PARTITION_TABLE_OFFSET = 0x8000;
const TABLE_BYTES_MAX = 0xc00;
const ENTRY_BYTES = 32;
const ENTRY_MAGIC = 0x50aa;

export interface Partition {
  readonly label: string;
  readonly type: number;
  readonly subtype: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

export const APP_TYPE = 0;
export const DATA_TYPE = 1;
export const OTA_SUBTYPE_FIRST = 0x10;
export const OTADATA_SUBTYPE = 0;

const TYPES: Readonly<Record<string, number>> = { app: APP_TYPE, data: DATA_TYPE };
const SUBTYPES: Readonly<Record<string, number>> = {
  ota: OTADATA_SUBTYPE,
  phy: 1,
  nvs: 2,
  ota_0: OTA_SUBTYPE_FIRST,
  ota_1: OTA_SUBTYPE_FIRST + 1,
};

/** Throws on a line it cannot read: the file is ours. */
export function parsePartitionCsv(csv: string): Partition[] {
  return csv
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => {
      const [label, type, subtype, offset, size] = line.split(",").map((cell) => cell.trim());
      return {
        label: label ?? "",
        type: numberOrName(type, TYPES),
        subtype: numberOrName(subtype, SUBTYPES),
        offsetBytes: numberOrName(offset, {}),
        sizeBytes: numberOrName(size, {}),
      };
    });
}

function numberOrName(cell: string | undefined, names: Readonly<Record<string, number>>): number {
  const value = names[cell ?? ""] ?? Number(cell || Number.NaN);
  if (!Number.isInteger(value)) throw new Error(`partition table: cannot read "${cell}"`);
  return value;
}

export function encodePartitionTable(partitions: readonly Partition[]): Uint8Array {
  const table = Buffer.alloc(TABLE_BYTES_MAX, 0xff);
  partitions.forEach((partition, index) => {
    const at = index * ENTRY_BYTES;
    table.writeUInt16LE(ENTRY_MAGIC, at);
    table[at + 2] = partition.type;
    table[at + 3] = partition.subtype;
    table.writeUInt32LE(partition.offsetBytes, at + 4);
    table.writeUInt32LE(partition.sizeBytes, at + 8);
    table.fill(0, at + 12, at + 28);
    table.write(partition.label, at + 12, 15, "latin1");
    table.writeUInt32LE(0, at + 28);
  });
  return table;
}

export function decodePartitionTable(bytes: Uint8Array): Partition[] {
  const table = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const partitions: Partition[] = [];
  for (let at = 0; at + ENTRY_BYTES <= table.length; at += ENTRY_BYTES) {
    if (table.readUInt16LE(at) !== ENTRY_MAGIC) break;
    partitions.push({
      label: table.toString("latin1", at + 12, at + 28).replace(/\0.*$/, ""),
      type: table.readUInt8(at + 2),
      subtype: table.readUInt8(at + 3),
      offsetBytes: table.readUInt32LE(at + 4),
      sizeBytes: table.readUInt32LE(at + 8),
    });
  }
  return partitions;
}

export { TABLE_BYTES_MAX as PARTITION_TABLE_BYTES };
