import { crc32 } from "node:zlib";
import { type Flash, SECTOR_BYTES } from "./flash.ts";
import { decodeRecords, encodeRecord, placeRecord } from "./nvs-record.ts";
import type { Partition } from "./partition-table.ts";

const NAME_LENGTH_MAX = 15;
/** Of a string, with the zero behind it. */
const VALUE_BYTES_MAX = 4000;
const MAGIC = 0x5356_4e31;
const HEADER_BYTES = 12;
const SECTOR_ROOM_BYTES = SECTOR_BYTES - HEADER_BYTES;

interface Held {
  readonly value: string;
  readonly sector: number;
  readonly recordBytes: number;
}

/**
 * NVS as firmware and power cuts meet it: bounded, and a write is kept whole or not at all. It is a log in the chip
 * itself, so that its operations are the chip's. The layout is ours: ESP-IDF's takes several programs for each write.
 */
export class Nvs {
  readonly #flash: Flash;
  readonly #firstSector: number;
  readonly #sectorCount: number;
  readonly #held = new Map<string, Held>();
  /** Oldest first; the last one is written to. */
  #used: number[] = [];
  #free: number[] = [];
  #nextSequence = 1;
  /** Where the next record goes in the last used sector. */
  #at = SECTOR_BYTES;

  constructor(flash: Flash, partition: Partition | undefined) {
    if (partition === undefined) throw new Error("nvs: no partition");
    this.#flash = flash;
    this.#firstSector = partition.offsetBytes / SECTOR_BYTES;
    this.#sectorCount = Math.floor(partition.sizeBytes / SECTOR_BYTES);
  }

  /** Reads what is on the chip, as every start does. */
  mount(): void {
    const sectors = Array.from({ length: this.#sectorCount }, (_, at) => this.#firstSector + at);
    const sequences = new Map(sectors.map((sector) => [sector, this.#readSequence(sector)]));
    const sequenceOf = (sector: number) => sequences.get(sector) ?? 0;
    this.#free = sectors.filter((sector) => sequenceOf(sector) === 0);
    this.#used = sectors.filter((sector) => sequenceOf(sector) > 0);
    this.#used.sort((a, b) => sequenceOf(a) - sequenceOf(b));
    this.#nextSequence = sequenceOf(this.#used.at(-1) ?? 0) + 1;
    if (this.#free.length === 0) this.#undoCollect();
    this.#held.clear();
    this.#at = SECTOR_BYTES;
    for (const sector of this.#used) this.#replay(sector);
  }

  /** Names are "namespace/key". */
  get(name: string): string | undefined {
    return this.#held.get(name)?.value;
  }

  /** The very value that is there already is not written again. */
  set(name: string, value: string): void {
    if (name.split("/").some((part) => part.length > NAME_LENGTH_MAX)) {
      throw new Error(`ESP_ERR_NVS_KEY_TOO_LONG: ${name}`);
    }
    if (Buffer.byteLength(value) >= VALUE_BYTES_MAX) throw new Error("ESP_ERR_NVS_VALUE_TOO_LONG");
    if (this.get(name) === value) return;
    const record = encodeRecord(name, value);
    this.#held.set(name, { value, sector: this.#append(record), recordBytes: record.length });
  }

  delete(name: string): void {
    // Before its record is written: where all is full, that makes the room for it.
    if (this.#held.delete(name)) this.#append(encodeRecord(name));
  }

  /** Answers the sector. An old value keeps its room until the new one is written. */
  #append(record: Uint8Array): number {
    let liveBytes = record.length;
    for (const { recordBytes } of this.#held.values()) liveBytes += recordBytes;
    // One sector stays free for the next collection.
    const isFull = liveBytes > (this.#sectorCount - 1) * SECTOR_ROOM_BYTES;
    for (let turns = 0; ; turns++) {
      const at = placeRecord(this.#at, record.length);
      if (at + record.length <= SECTOR_BYTES) return this.#program(at, record);
      if (isFull || turns === this.#sectorCount) throw new Error("ESP_ERR_NVS_NOT_ENOUGH_SPACE");
      this.#openNext();
    }
  }

  /** A sector in which a record was cut short takes no more: `decodeRecords` stops there. */
  #program(at: number, record: Uint8Array): number {
    const sector = this.#used.at(-1) as number;
    this.#at = SECTOR_BYTES;
    this.#flash.program(sector * SECTOR_BYTES + at, record);
    this.#at = at + record.length;
    return sector;
  }

  #openNext(): void {
    const sector = this.#free.shift() as number;
    if (!this.#isBlank(sector)) this.#flash.eraseSector(sector);
    this.#flash.program(sector * SECTOR_BYTES, encodeHeader(this.#nextSequence++));
    this.#used.push(sector);
    this.#at = HEADER_BYTES;
    if (this.#free.length === 0) this.#collect(this.#used.shift() as number);
  }

  /** Into the sector that was just opened; nothing else is in it before the old one is given up. */
  #collect(oldest: number): void {
    for (const [name, held] of this.#held) {
      if (held.sector !== oldest) continue;
      // Close together: in any other order their gaps could be wider than in the old sector.
      const sector = this.#program(this.#at, encodeRecord(name, held.value));
      this.#held.set(name, { ...held, sector });
    }
    // First of all it must be no sector of ours: an erase cut short may leave any of it.
    this.#flash.program(oldest * SECTOR_BYTES, new Uint8Array(HEADER_BYTES));
    this.#flash.eraseSector(oldest);
    this.#free.push(oldest);
  }

  /** The power went while the oldest sector was copied into the newest, which holds nothing but copies. */
  #undoCollect(): void {
    const newest = this.#used.pop() as number;
    this.#flash.eraseSector(newest);
    this.#free.push(newest);
  }

  #replay(sector: number): void {
    const { records, endAt } = decodeRecords(this.#read(sector), HEADER_BYTES);
    for (const { name, value, recordBytes } of records) {
      if (value === undefined) this.#held.delete(name);
      else this.#held.set(name, { value, sector, recordBytes });
    }
    this.#at = endAt;
  }

  /** 0 for a sector that is not in use. */
  #readSequence(sector: number): number {
    const header = this.#read(sector).subarray(0, HEADER_BYTES);
    const sequence = header.readUInt32LE(4);
    return header.equals(encodeHeader(sequence)) ? sequence : 0;
  }

  #isBlank(sector: number): boolean {
    return this.#read(sector).every((byte) => byte === 0xff);
  }

  #read(sector: number): Buffer {
    const bytes = Buffer.alloc(SECTOR_BYTES);
    this.#flash.read(sector * SECTOR_BYTES, bytes);
    return bytes;
  }
}

function encodeHeader(sequence: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(MAGIC);
  header.writeUInt32LE(sequence, 4);
  header.writeUInt32LE(crc32(header.subarray(0, 8)), 8);
  return header;
}
