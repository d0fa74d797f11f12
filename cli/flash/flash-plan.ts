import {
  appPartitions,
  type Partition,
  readPartitionRows,
} from "../../protocol/partition-table.ts";
import { EXIT } from "../failure.ts";
import type { ImageFile } from "../firmware/inspect.ts";
import { inspect } from "../firmware/inspect.ts";
import { done, type Failed, failed, type Outcome } from "../outcome.ts";
import type { FlashWrite, FoundChip } from "./esp-board.ts";

export interface PlannedWrite extends FlashWrite {
  readonly what: string;
}

export interface FlashPlan {
  /** In this order: an application before otadata forgets the other one. */
  readonly writes: readonly PlannedWrite[];
  /** What NVS holds, Wi-Fi and the feeder's identity, stays as it is. */
  readonly keepsSettings: boolean;
}

const ERASED = 0xff;
const DATA_TYPE = 1;
const OTADATA_SUBTYPE = 0;
const NVS_SUBTYPE = 2;

/** What can be said of the file before there is a board. */
export function refuseFile(path: string, image: ImageFile, erase: boolean): Failed | undefined {
  const facts = inspect(image);
  if (!facts.checksumOk || facts.hashOk === false) {
    const message = `${path} is damaged: its ${facts.checksumOk ? "hash" : "checksum"} is wrong`;
    return failed("image_corrupt", message, "build or download it again", EXIT.failed);
  }
  if (facts.kind === "merged" && facts.bootloader === null) {
    const message = `${path} has no bootloader at its place: a chip with it would not start`;
    const hint = "npm run -s skyfeeder -- firmware build-factory makes a whole one";
    return failed("bootloader_missing", message, hint, EXIT.failed);
  }
  if (facts.kind === "app" && erase) {
    const message = `${path} is an application alone: on an erased chip nothing would start it`;
    const hint = "flash the merged image, or leave out --erase";
    return failed("image_not_merged", message, hint, EXIT.usage);
  }
  return undefined;
}

export function refuseChip(
  image: ImageFile,
  { family, description, flashBytes }: FoundChip,
): Failed | undefined {
  const { chip } = image.file.app;
  if (chip !== family.toLowerCase().replaceAll("-", "")) {
    const message = `the image is for ${chip}, and this is an ${description}`;
    return failed("chips_differ", message, "flash the image of this board", EXIT.failed);
  }
  if (flashBytes === undefined || image.bytes.length <= flashBytes) return undefined;
  const message = `the image's ${image.bytes.length} bytes do not fit the flash of ${flashBytes}`;
  return failed("image_does_not_fit", message, "flash the image of this board", EXIT.failed);
}

/** Where the image goes on a chip that has this partition table now. */
export function planWrites(image: ImageFile, tableNow: Uint8Array): Outcome<FlashPlan> {
  const now = readPartitionRows(tableNow);
  return image.file.kind === "merged"
    ? done(planMerged(image.bytes, image.file.partitions, now))
    : planApp(image.bytes, now);
}

/** To address 0, around the settings where they stay in the same place. */
function planMerged(
  bytes: Uint8Array,
  partitions: readonly Partition[],
  now: readonly Partition[],
): FlashPlan {
  const nvs = partitions.find(isNvs);
  const before = now.find(isNvs);
  const staysPut =
    nvs !== undefined &&
    before?.offsetBytes === nvs.offsetBytes &&
    before.sizeBytes === nvs.sizeBytes;
  if (!staysPut)
    return { writes: [{ what: "image", address: 0, data: bytes }], keepsSettings: false };
  const end = nvs.offsetBytes + nvs.sizeBytes;
  const isBlank = bytes.subarray(nvs.offsetBytes, end).every((byte) => byte === ERASED);
  if (!isBlank)
    return { writes: [{ what: "image", address: 0, data: bytes }], keepsSettings: false };
  return {
    keepsSettings: true,
    writes: [
      { what: "bootloader", address: 0, data: bytes.subarray(0, nvs.offsetBytes) },
      { what: "application", address: end, data: bytes.subarray(end) },
    ],
  };
}

/** To the place that boots when otadata names none. */
function planApp(bytes: Uint8Array, now: readonly Partition[]): Outcome<FlashPlan> {
  const [place] = appPartitions(now);
  if (place === undefined) {
    const message = "the chip has no partition table with a place for an application";
    const hint =
      "flash a merged image first: releases/firmware-...-factory.bin of npm run build:factory";
    return failed("partition_table_missing", message, hint, EXIT.failed);
  }
  if (bytes.length > place.sizeBytes) {
    const message = `the image's ${bytes.length} bytes do not fit ${place.label} of ${place.sizeBytes}`;
    return failed("image_does_not_fit", message, "make the image smaller", EXIT.failed);
  }
  const writes = [{ what: place.label, address: place.offsetBytes, data: bytes }];
  const otadata = now.find(isOtadata);
  if (otadata !== undefined) {
    const blank = new Uint8Array(otadata.sizeBytes).fill(ERASED);
    writes.push({ what: otadata.label, address: otadata.offsetBytes, data: blank });
  }
  return done({ writes, keepsSettings: true });
}

function isNvs({ type, subtype, label }: Partition): boolean {
  return type === DATA_TYPE && subtype === NVS_SUBTYPE && label === "nvs";
}

function isOtadata({ type, subtype }: Partition): boolean {
  return type === DATA_TYPE && subtype === OTADATA_SUBTYPE;
}
