import { readFixedText } from "./fixed-text.ts";

/** A row of ESP-IDF's partition table (esp_partition_info_t). */
export interface Partition {
  readonly label: string;
  readonly type: number;
  readonly subtype: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

export const PARTITION_TABLE_OFFSET = 0x8000;
export const PARTITION_TABLE_BYTES = 0xc00;
const ENTRY_BYTES = 32;
const ENTRY_MAGIC = 0x50aa;
const APP_TYPE = 0;
const FACTORY_SUBTYPE = 0x00;
const SLOT_SUBTYPES = { first: 0x10, last: 0x1f };

/** The rows up to the first that is none; empty where no table starts. The MD5 behind them is not looked at. */
export function readPartitionRows(bytes: Uint8Array): Partition[] {
  const end = Math.min(bytes.length, PARTITION_TABLE_BYTES) - ENTRY_BYTES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const rows: Partition[] = [];
  for (let at = 0; at <= end && view.getUint16(at, true) === ENTRY_MAGIC; at += ENTRY_BYTES) {
    rows.push({
      type: view.getUint8(at + 2),
      subtype: view.getUint8(at + 3),
      offsetBytes: view.getUint32(at + 4, true),
      sizeBytes: view.getUint32(at + 8, true),
      label: readFixedText(bytes.subarray(at + 12, at + 28)),
    });
  }
  return rows;
}

/** Slot by slot: what updates take turns in. */
export function updateSlots(partitions: readonly Partition[]): Partition[] {
  const { first, last } = SLOT_SUBTYPES;
  return partitions
    .filter(({ type, subtype }) => type === APP_TYPE && subtype >= first && subtype <= last)
    .sort((one, other) => one.subtype - other.subtype);
}

/** In the order in which a new board tries them: the factory's, then the slots. */
export function appPartitions(partitions: readonly Partition[]): Partition[] {
  const isFactory = ({ type, subtype }: Partition) =>
    type === APP_TYPE && subtype === FACTORY_SUBTYPE;
  return [...partitions.filter(isFactory), ...updateSlots(partitions)];
}
