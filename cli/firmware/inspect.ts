import { createHash } from "node:crypto";
import { SIMULATOR } from "../../protocol/app-description.ts";
import type { EspImage, ImageFault } from "../../protocol/app-image.ts";
import { CHIP_FACTS } from "../../protocol/chips.ts";
import { type FirmwareFile, readFirmwareFile } from "../../protocol/firmware-file.ts";
import type { Partition } from "../../protocol/partition-table.ts";
import type { Chip } from "../../protocol/update-manifest.ts";
import { EXIT } from "../failure.ts";
import { done, failed, type Outcome } from "../outcome.ts";
import { readWhole } from "../whole-file.ts";

/** What `--json` prints of an image; null is what the image does not say. */
export type Inspection = AppInspection | MergedInspection;

interface FileFacts extends ImageFacts {
  /** Of the file, with all that is in it. */
  readonly size: number;
  readonly sha256: string;
}

export interface AppInspection extends FileFacts {
  readonly kind: "app";
  readonly trailingBytes: number;
}

/** The facts of an image are those of the application in it. */
export interface MergedInspection extends FileFacts {
  readonly kind: "merged";
  readonly appOffset: number;
  readonly bootloader: BootloaderFacts | null;
  readonly partitions: readonly PartitionFacts[];
}

interface BootloaderFacts extends ImageFacts {
  readonly offset: number;
}

interface PartitionFacts extends Pick<Partition, "label" | "type" | "subtype"> {
  readonly offset: number;
  readonly size: number;
}

export interface ImageFacts {
  readonly chip: Chip;
  readonly version: string | null;
  readonly project: string | null;
  readonly elfSha256: string | null;
  readonly idfVersion: string | null;
  /** For simulated boards alone. */
  readonly simulated: boolean;
  readonly built: string | null;
  readonly secureVersion: number | null;
  readonly checksumOk: boolean;
  /** Null: the image has none. */
  readonly hashOk: boolean | null;
  /** Of the image, with checksum and hash. */
  readonly imageSize: number;
  readonly entryAddress: number;
  readonly flashSize: number | null;
  readonly segments: readonly {
    readonly address: number;
    readonly offset: number;
    readonly size: number;
  }[];
}

/** The largest flash a header can name. */
const IMAGE_BYTES_MAX = 128 * 1024 * 1024;

export interface ImageFile {
  readonly bytes: Uint8Array;
  readonly file: FirmwareFile;
}

export async function readImageFile(path: string): Promise<Outcome<ImageFile>> {
  const read = await readWhole(path, IMAGE_BYTES_MAX);
  return read.kind === "failed" ? read : readImageBytes(path, read.value);
}

export function readImageBytes(name: string, bytes: Uint8Array): Outcome<ImageFile> {
  const file = readFirmwareFile(bytes);
  if (typeof file === "object") return done({ bytes, file });
  if (file === "truncated") {
    const message = `${name} is damaged: ${FAULTS[file]}`;
    return failed("image_corrupt", message, "build or download it again", EXIT.failed);
  }
  const hint = "name a .bin of ESP-IDF, mcconfig, esptool or skyfeeder firmware build";
  const message = `${name} is no ESP32 image: ${FAULTS[file]}`;
  return failed("image_invalid", message, hint, EXIT.failed);
}

const FAULTS: Readonly<Record<ImageFault, string>> = {
  magic: "it does not begin as one",
  truncated: "it ends too early",
  chip: "its header names no chip of the family",
  segments: "its header counts no segments, or more than 16",
  segment_length: "a segment has an impossible length",
  segment_address: "a segment does not lie in its flash page as its address does",
};

export async function inspectFile(path: string): Promise<Outcome<Inspection>> {
  const read = await readImageFile(path);
  return read.kind === "failed" ? read : done(inspect(read.value));
}

/** What it can say of itself is true: an image without a hash has a checksum all the same. */
export function isWhole(found: Inspection): boolean {
  const images = [
    found,
    ...(found.kind === "merged" && found.bootloader ? [found.bootloader] : []),
  ];
  return images.every(({ checksumOk, hashOk }) => checksumOk && hashOk !== false);
}

export function inspect({ bytes, file }: ImageFile): Inspection {
  const size = bytes.length;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (file.kind === "app") {
    const { trailingBytes } = file.app;
    return { kind: "app", size, sha256, ...imageFacts(bytes, file.app), trailingBytes };
  }
  const { app, appOffset, bootloader, partitions } = file;
  const offset = CHIP_FACTS[app.chip].bootloaderOffset;
  return {
    kind: "merged",
    size,
    sha256,
    ...imageFacts(bytes.subarray(appOffset), app),
    appOffset,
    bootloader: bootloader ? { offset, ...imageFacts(bytes.subarray(offset), bootloader) } : null,
    partitions: partitions.map(({ label, type, subtype, offsetBytes, sizeBytes }) => ({
      ...{ label, type, subtype },
      offset: offsetBytes,
      size: sizeBytes,
    })),
  };
}

export function imageFacts(bytes: Uint8Array, image: EspImage): ImageFacts {
  const { chip, description, entryAddress, flashBytes, segments } = image;
  const built = [description?.date, description?.time].filter((text) => text).join(" ");
  return {
    chip,
    version: description?.version ?? null,
    project: description?.projectName ?? null,
    elfSha256: description?.elfSha256 ?? null,
    idfVersion: description?.idfVersion ?? null,
    simulated: description?.idfVersion === SIMULATOR,
    built: built === "" ? null : built,
    secureVersion: description?.secureVersion ?? null,
    checksumOk: image.isChecksumGood,
    hashOk: isHashGood(bytes, image),
    imageSize: image.sizeBytes,
    entryAddress,
    flashSize: flashBytes ?? null,
    segments: segments.map(({ address, offsetBytes, sizeBytes }) => ({
      address,
      offset: offsetBytes,
      size: sizeBytes,
    })),
  };
}

function isHashGood(bytes: Uint8Array, { hash }: EspImage): boolean | null {
  if (hash === undefined) return null;
  const digest = createHash("sha256").update(bytes.subarray(0, hash.coversBytes)).digest();
  return digest.equals(hash.sha256);
}
