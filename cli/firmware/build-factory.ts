import { decodePartitionTable } from "../../host-sim/board/partition-table.ts";
import { CHIP_FACTS } from "../../protocol/chips.ts";
import {
  appPartitions,
  PARTITION_TABLE_BYTES,
  PARTITION_TABLE_OFFSET,
  type Partition,
  updateSlots,
} from "../../protocol/partition-table.ts";
import { EXIT } from "../failure.ts";
import { done, type Failed, failed, type Outcome } from "../outcome.ts";
import type { PackOptions } from "./build-ota.ts";
import { readApp, readBootloader, readTable, type SoundImage } from "./moddable-build.ts";
import { type WrittenImage, writeImage } from "./written-image.ts";

/** The table has a sector of its own. */
const TABLE_END = PARTITION_TABLE_OFFSET + 0x1000;
const ERASED = 0xff;

interface Parts {
  readonly bootloader: SoundImage;
  readonly table: Uint8Array;
  readonly app: SoundImage;
  readonly appOffset: number;
}

export async function buildFactory(
  folder: string,
  options: PackOptions,
): Promise<Outcome<WrittenImage>> {
  const merged = await mergeBuild(folder);
  return merged.kind === "failed" ? merged : writeImage(options.out, merged.value);
}

/** One file for address 0 of a new board: bootloader, partition table, and the application in its first place. */
export async function mergeBuild(folder: string): Promise<Outcome<Uint8Array>> {
  const app = await readApp(folder);
  if (app.kind === "failed") return app;
  const bootloader = await readBootloader(folder);
  if (bootloader.kind === "failed") return bootloader;
  const table = await readTable(folder);
  if (table.kind === "failed") return table;
  const mismatch = refuseBootloader(bootloader.value, app.value);
  if (mismatch !== undefined) return mismatch;
  const place = placeApp(table.value, app.value, bootloader.value);
  if (place.kind === "failed") return place;
  const parts = { bootloader: bootloader.value, table: table.value, app: app.value };
  return done(merge({ ...parts, appOffset: place.value }));
}

function refuseBootloader(bootloader: SoundImage, app: SoundImage): Failed | undefined {
  const { chip } = bootloader.image;
  const hint = "build both in one run of mcconfig";
  if (chip !== app.image.chip) {
    const message = `the bootloader is for ${chip}, the application for ${app.image.chip}`;
    return failed("chips_differ", message, hint, EXIT.failed);
  }
  const end = CHIP_FACTS[chip].bootloaderOffset + bootloader.bytes.length;
  if (end <= PARTITION_TABLE_OFFSET) return undefined;
  const message = `the bootloader's ${bootloader.bytes.length} bytes reach into the partition table`;
  return failed("image_does_not_fit", message, hint, EXIT.failed);
}

/** Where the application goes: the factory's partition, else the first slot. It must fit them all. */
function placeApp(table: Uint8Array, app: SoundImage, bootloader: SoundImage): Outcome<number> {
  const partitions = readTableRows(table, bootloader.image.flashBytes ?? 0);
  if (typeof partitions === "string") return badTable(partitions);
  const places = appPartitions(partitions);
  const [first] = places;
  if (first === undefined) return badTable("it has no partition for an application");
  if (first.offsetBytes < TABLE_END) return badTable(`${first.label} lies over the table itself`);
  if (updateSlots(partitions).length < 2) {
    process.stderr.write("note: the partition table has no two slots: there is no updating it\n");
  }
  const tight = places.find(({ sizeBytes }) => sizeBytes < app.bytes.length);
  if (tight === undefined) return done(first.offsetBytes);
  const message =
    `the application's ${app.bytes.length} bytes do not fit ` +
    `${tight.label} of ${tight.sizeBytes}`;
  const hint = "a smaller application, or larger slots in device/esp32/native/partitions.csv";
  return failed("image_does_not_fit", message, hint, EXIT.failed);
}

function readTableRows(table: Uint8Array, flashBytes: number): readonly Partition[] | string {
  const padded = new Uint8Array(PARTITION_TABLE_BYTES).fill(ERASED);
  padded.set(table.subarray(0, PARTITION_TABLE_BYTES));
  const rows = decodePartitionTable(padded, flashBytes);
  return typeof rows === "object" ? rows : TABLE_FAULTS[rows];
}

const TABLE_FAULTS = {
  row: "a row of it is none",
  md5: "its MD5 is wrong",
  size: "a partition ends behind the flash that the bootloader is built for",
  end: "it has no end",
};

function badTable(why: string): Failed {
  const message = `the partition table cannot be used: ${why}`;
  return failed("partition_table_invalid", message, "build it again with mcconfig", EXIT.failed);
}

function merge({ bootloader, table, app, appOffset }: Parts): Uint8Array {
  const merged = new Uint8Array(appOffset + app.bytes.length).fill(ERASED);
  merged.set(bootloader.bytes, CHIP_FACTS[bootloader.image.chip].bootloaderOffset);
  merged.set(table, PARTITION_TABLE_OFFSET);
  merged.set(app.bytes, appOffset);
  return merged;
}
