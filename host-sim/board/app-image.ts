import { createCipheriv, createHash } from "node:crypto";
import { APP_DESCRIPTION_BYTES, SIMULATOR } from "../../protocol/app-description.ts";
import {
  type EspImage,
  type ImageFault as FormatFault,
  readAppImage,
} from "../../protocol/app-image.ts";

/**
 * The simulator's images are real ones for the ESP32 (ESP-IDF v6.0, esp_app_format.h). The first segment is DROM: the
 * application description, then the length and text of the JavaScript bundle. A second may follow that only takes room.
 */
const MAGIC = 0xe9;
const HEADER_BYTES = 24;
const SEGMENT_HEADER_BYTES = 8;
const DESCRIPTION_MAGIC = 0xabcd5432;
const BUNDLE_AT = APP_DESCRIPTION_BYTES + 4;
const CHECKSUM_SEED = 0xef;
const SHA256_BYTES = 32;
/** Flash is mapped by pages: an address in DROM agrees with its offset in the image modulo 64 KiB, and so in all. */
const DROM_ADDRESS = 0x3f400000;
const PAGE_LOG2 = 16;

export interface AppImage {
  readonly product: string;
  readonly version: string;
  /** SHA-256 of the bundle, lower-case hex; of the ELF on a real board. */
  readonly elfSha256: string;
  readonly javascript: string;
}

export interface AppSource {
  readonly product: string;
  readonly version: string;
  readonly javascript: string;
  /** The image fills these bytes but for the last 15 at most; one that is larger stays as it is. */
  readonly padToBytes?: number;
}

export function encodeAppImage(app: AppSource): Uint8Array {
  const bundle = Buffer.from(app.javascript, "utf8");
  const elfSha256 = createHash("sha256").update(bundle).digest();
  const first = Buffer.alloc(BUNDLE_AT + Math.ceil(bundle.length / 4) * 4);
  writeDescription(first, app, elfSha256);
  first.writeUInt32LE(bundle.length, APP_DESCRIPTION_BYTES);
  bundle.copy(first, BUNDLE_AT);
  const padding = paddingBytes(first.length, app.padToBytes ?? 0);
  return encodeSegments(padding > 0 ? [first, noise(elfSha256, padding)] : [first]);
}

/** What a second segment must hold for the image to be of that size: checksum and hash end a block of 16. */
function paddingBytes(firstBytes: number, padToBytes: number): number {
  const end = padToBytes - (padToBytes % 16) - SHA256_BYTES - 4;
  return end - HEADER_BYTES - SEGMENT_HEADER_BYTES - firstBytes - SEGMENT_HEADER_BYTES;
}

/** Of one bundle always the same, and as hard to compress as code that already is. */
function noise(key: Buffer, lengthBytes: number): Buffer {
  const cipher = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  return cipher.update(Buffer.alloc(lengthBytes));
}

function encodeSegments(segments: readonly Buffer[]): Uint8Array {
  const parts: Buffer[] = [encodeHeader(segments.length)];
  let at = HEADER_BYTES;
  for (const data of segments) {
    const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
    at += SEGMENT_HEADER_BYTES;
    header.writeUInt32LE(DROM_ADDRESS + at, 0);
    header.writeUInt32LE(data.length, 4);
    parts.push(header, data);
    at += data.length;
  }
  const checksumBlock = Buffer.alloc(16 - (at % 16));
  checksumBlock[checksumBlock.length - 1] = checksumOf(segments);
  const hashed = Buffer.concat([...parts, checksumBlock]);
  return Buffer.concat([hashed, createHash("sha256").update(hashed).digest()]);
}

function checksumOf(segments: readonly Buffer[]): number {
  let sum = CHECKSUM_SEED;
  for (const data of segments) {
    for (const byte of data) sum ^= byte;
  }
  return sum;
}

function encodeHeader(segmentCount: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = MAGIC;
  header[1] = segmentCount;
  header[2] = 2; // DIO
  header[3] = 0x20; // 4 MB at 40 MHz
  header[8] = 0xee; // no write-protect pin
  header.writeUInt16LE(0xffff, 17); // any chip revision
  header[23] = 1; // a SHA-256 follows the checksum
  return header;
}

/** The date is always the same: two builds of one source are one image. */
function writeDescription(segment: Buffer, app: AppSource, elfSha256: Buffer): void {
  segment.writeUInt32LE(DESCRIPTION_MAGIC, 0);
  segment.write(app.version, 16, 31, "latin1");
  segment.write(app.product, 48, 31, "latin1");
  segment.write("00:00:00", 80, "latin1");
  segment.write("Jan  1 2026", 96, "latin1");
  segment.write(SIMULATOR, 112, "latin1");
  elfSha256.copy(segment, 144);
  segment[180] = PAGE_LOG2;
}

/**
 * What the bootloader verifies before anything of the image runs; `description`: an image that is whole, and not of the
 * simulator.
 */
export type ImageFault = FormatFault | "checksum" | "sha256" | "description";

/** The image at the start of a partition; what lies behind it there does not matter. */
export function decodeAppImage(partition: Uint8Array): AppImage | ImageFault {
  const image = readAppImage(partition);
  if (typeof image === "string") return image;
  if (image.chip !== "esp32") return "chip";
  if (!image.isChecksumGood) return "checksum";
  return isHashGood(partition, image) ? readApplication(partition, image) : "sha256";
}

/** ESP-IDF boots an image that says it has no hash; none of ours says so. */
function isHashGood(bytes: Uint8Array, { hash }: EspImage): boolean {
  if (hash === undefined) return false;
  const digest = createHash("sha256").update(bytes.subarray(0, hash.coversBytes)).digest();
  return digest.equals(hash.sha256);
}

function readApplication(
  partition: Uint8Array,
  { description, segments: [first] }: EspImage,
): AppImage | "description" {
  if (description === undefined || first === undefined) return "description";
  const bytes = Buffer.from(partition.buffer, partition.byteOffset, partition.length);
  const segment = bytes.subarray(first.offsetBytes, first.offsetBytes + first.sizeBytes);
  if (description.idfVersion !== SIMULATOR || segment.length < BUNDLE_AT) return "description";
  const bundleBytes = segment.readUInt32LE(APP_DESCRIPTION_BYTES);
  const { projectName, version, elfSha256 } = description;
  return {
    version,
    product: projectName,
    elfSha256,
    javascript: segment.toString("utf8", BUNDLE_AT, BUNDLE_AT + bundleBytes),
  };
}
