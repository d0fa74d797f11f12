import { encodeAppImage } from "../../host-sim/board/app-image.ts";
import { AppSlots } from "../../host-sim/board/app-slots.ts";
import {
  type BootloaderBuild,
  type BootResult,
  boot,
  readPartitions,
} from "../../host-sim/board/bootloader.ts";
import { Flash, SECTOR_BYTES } from "../../host-sim/board/flash.ts";
import {
  crcMatches,
  decodeEntry,
  encodeEntry,
  IMAGE_STATE,
  makeEntry,
} from "../../host-sim/board/otadata.ts";
import {
  encodePartitionTable,
  PARTITION_TABLE_OFFSET,
  type Partition,
} from "../../host-sim/board/partition-table.ts";

/** A board with small slots, of which a test says what its flash holds. */
const CHIP_BYTES = 1024 * 1024;
const SLOT_BYTES = 2 * SECTOR_BYTES;
const OTADATA_OFFSET = 0xd000;

export function otadata(sizeBytes = 2 * SECTOR_BYTES): Partition {
  return { label: "otadata", type: 1, subtype: 0, offsetBytes: OTADATA_OFFSET, sizeBytes };
}

export function ota(number: number, sizeBytes = SLOT_BYTES): Partition {
  const offsetBytes = 0x10000 * (number + 1);
  return { label: `ota_${number}`, type: 0, subtype: 0x10 + number, offsetBytes, sizeBytes };
}

export const FACTORY: Partition = { ...ota(8), label: "factory", subtype: 0 };
export const TEST_APP: Partition = { ...ota(9), label: "test", subtype: 0x20 };
export const TWO_SLOTS = [otadata(), ota(0), ota(1)];

export function boardWith(partitions: readonly Partition[]): Flash {
  const flash = new Flash(CHIP_BYTES);
  flash.program(PARTITION_TABLE_OFFSET, encodePartitionTable(partitions));
  return flash;
}

/** Larger than a sector, so that an image can be whole in its first and torn in its second. */
export function imageOf(version: string): Uint8Array {
  return encodeAppImage({ product: "skyfeeder", version, javascript: version.padEnd(5000) });
}

export function install(flash: Flash, slot: Partition, image: Uint8Array): void {
  const first = slot.offsetBytes / SECTOR_BYTES;
  for (let done = 0; done < image.length; done += SECTOR_BYTES) {
    flash.eraseSector(first + done / SECTOR_BYTES);
    flash.program(slot.offsetBytes + done, image.subarray(done, done + SECTOR_BYTES));
  }
}

/** Leaves the first sector as it is, so that header and segment length still look like an image. */
export function damage(flash: Flash, slot: Partition): void {
  flash.program(slot.offsetBytes + SECTOR_BYTES, new Uint8Array(16));
}

/** An entry as a test writes it: "blank", "2 new", "2 valid, crc off", "0xfffffffe 0x105". */
function entryBytes(text: string): Uint8Array {
  const [numbers = "", crc] = text.split(", ");
  const [sequence = "", name = ""] = numbers.split(" ");
  const state = Object.entries(IMAGE_STATE).find(([known]) => known === name)?.[1];
  const entry = makeEntry(Number(sequence), state ?? Number(name));
  return encodeEntry(crc === undefined ? entry : { ...entry, crc: 0x12345678 });
}

function entryText(bytes: Uint8Array): string {
  if (bytes.every((byte) => byte === 0xff)) return "blank";
  const entry = decodeEntry(bytes);
  const name = Object.entries(IMAGE_STATE).find(([, state]) => state === entry.state)?.[0];
  const sequence = entry.sequence > 99 ? `0x${entry.sequence.toString(16)}` : entry.sequence;
  const state = name ?? `0x${entry.state.toString(16)}`;
  return `${sequence} ${state}${crcMatches(entry) ? "" : ", crc off"}`;
}

export function setEntries(flash: Flash, entries: readonly string[]): void {
  entries.forEach((text, index) => {
    const offsetBytes = OTADATA_OFFSET + index * SECTOR_BYTES;
    flash.eraseSector(offsetBytes / SECTOR_BYTES);
    if (text !== "blank") flash.program(offsetBytes, entryBytes(text));
  });
}

export function entriesOf(flash: Flash): string[] {
  return [0, 1].map((index) => {
    const bytes = new Uint8Array(32);
    flash.read(OTADATA_OFFSET + index * SECTOR_BYTES, bytes);
    return entryText(bytes);
  });
}

/** The version that runs, or what happens instead. */
export function outcome(result: BootResult): string {
  return result.kind === "booted" ? result.image.version : result.kind;
}

/** Two slots, of which the first holds A and the second B. */
export function twoSlots(entries: readonly string[]): Flash {
  const flash = boardWith(TWO_SLOTS);
  setEntries(flash, entries);
  install(flash, ota(0), imageOf("A"));
  install(flash, ota(1), imageOf("B"));
  return flash;
}

/** An app on a board whose flash holds a partition table and nothing else. */
export function slotsOn(partitions: readonly Partition[], running: Partition) {
  const flash = boardWith(partitions);
  return { flash, slots: new AppSlots(flash, partitions, running) };
}

/** The app in a slot of a board that holds A and B, whatever the bootloader would have chosen. */
export function runningIn(number: number, entries: readonly string[]) {
  const flash = twoSlots(entries);
  return { flash, slots: new AppSlots(flash, TWO_SLOTS, ota(number)) };
}

interface RunningApp {
  readonly version: string;
  readonly slot: Partition;
  readonly slots: AppSlots;
}

export function bootApp(flash: Flash, build?: BootloaderBuild): RunningApp {
  const result = boot(flash, build);
  if (result.kind !== "booted") throw new Error(`the board does not boot: ${result.kind}`);
  const slots = new AppSlots(flash, readPartitions(flash), result.slot);
  return { version: result.image.version, slot: result.slot, slots };
}
