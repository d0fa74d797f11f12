import { crc32 } from "node:zlib";

/** The length of the body, high byte first, so that no record begins as a blank does; then a CRC-32 of both. */
const HEADER_BYTES = 6;
const PAGE_BYTES = 256;
const BLANK = 0xff;

interface NvsRecord {
  readonly name: string;
  /** Undefined: it was deleted. */
  readonly value: string | undefined;
  readonly recordBytes: number;
}

export function encodeRecord(name: string, value?: string): Buffer {
  const body = Buffer.from(value === undefined ? name : `${name}\0${value}`);
  const record = Buffer.alloc(HEADER_BYTES + body.length);
  record.writeUInt16BE(body.length);
  body.copy(record, HEADER_BYTES);
  record.writeUInt32LE(checksum(record), 2);
  return record;
}

/** Where a record goes whose place begins at `at`: within one page, if it fits one, so that it is one program. */
export function placeRecord(at: number, recordBytes: number): number {
  const leftBytes = PAGE_BYTES - (at % PAGE_BYTES);
  return recordBytes > leftBytes && recordBytes <= PAGE_BYTES ? at + leftBytes : at;
}

/** Up to the first that was not written whole; `endAt`: where the next one may be written, the end when none may. */
export function decodeRecords(
  sector: Buffer,
  startAt: number,
): { readonly records: readonly NvsRecord[]; readonly endAt: number } {
  const records: NvsRecord[] = [];
  let at = startAt;
  while (at < sector.length) {
    if (sector[at] === BLANK) {
      const nextPageAt = at + PAGE_BYTES - (at % PAGE_BYTES);
      if ((sector[nextPageAt] ?? BLANK) === BLANK) return { records, endAt: at };
      at = nextPageAt;
    }
    const record = sector.subarray(at, at + recordBytesAt(sector, at));
    if (!isWhole(record)) break;
    const [name = "", value] = record.toString("utf8", HEADER_BYTES).split("\0", 2);
    records.push({ name, value, recordBytes: record.length });
    at += record.length;
  }
  return { records, endAt: sector.length };
}

function recordBytesAt(sector: Buffer, at: number): number {
  return at + HEADER_BYTES > sector.length ? 0 : HEADER_BYTES + sector.readUInt16BE(at);
}

/** One whose length was cut short is not either. */
function isWhole(record: Buffer): boolean {
  return record.length > HEADER_BYTES && record.readUInt32LE(2) === checksum(record);
}

function checksum(record: Buffer): number {
  return crc32(record.subarray(HEADER_BYTES), crc32(record.subarray(0, 2)));
}
