import { createHash } from "node:crypto";

/**
 * An ESP32 application image (ESP-IDF v6.0, esp_app_format.h). The simulator's has one DROM segment: the application
 * description, then the length and text of the JavaScript bundle.
 */
const MAGIC = 0xe9;
const HEADER_BYTES = 24;
const SEGMENT_HEADER_BYTES = 8;
const DESCRIPTION_MAGIC = 0xabcd5432;
const DESCRIPTION_BYTES = 256;
const CHECKSUM_SEED = 0xef;
const SHA256_BYTES = 32;
const SEGMENTS_MAX = 16;
/** DROM starts at 0x3F400000; a mapped segment's address and flash offset agree modulo the 64 KiB page. */
const DROM_ADDRESS = 0x3f400020;

export interface AppImage {
  readonly product: string;
  readonly version: string;
  /** SHA-256 of the bundle, lower-case hex; of the ELF on a real board. */
  readonly elfSha256: string;
  readonly javascript: string;
}

export function encodeAppImage(app: Omit<AppImage, "elfSha256">): Uint8Array {
  const bundle = Buffer.from(app.javascript, "utf8");
  const segment = Buffer.alloc(DESCRIPTION_BYTES + 4 + Math.ceil(bundle.length / 4) * 4);
  writeDescription(segment, app, createHash("sha256").update(bundle).digest());
  segment.writeUInt32LE(bundle.length, DESCRIPTION_BYTES);
  bundle.copy(segment, DESCRIPTION_BYTES + 4);

  const unpadded = HEADER_BYTES + SEGMENT_HEADER_BYTES + segment.length;
  const checksumAt = unpadded + 15 - (unpadded % 16);
  const image = Buffer.alloc(checksumAt + 1 + SHA256_BYTES);
  writeHeader(image);
  image.writeUInt32LE(DROM_ADDRESS, HEADER_BYTES);
  image.writeUInt32LE(segment.length, HEADER_BYTES + 4);
  segment.copy(image, HEADER_BYTES + SEGMENT_HEADER_BYTES);
  image[checksumAt] = segment.reduce((sum, byte) => sum ^ byte, CHECKSUM_SEED);
  const signed = image.subarray(0, checksumAt + 1);
  createHash("sha256")
    .update(signed)
    .digest()
    .copy(image, checksumAt + 1);
  return image;
}

function writeHeader(image: Buffer): void {
  image[0] = MAGIC;
  image[1] = 1;
  image[2] = 2; // DIO
  image[3] = 0x20; // 4 MB at 40 MHz
  image[8] = 0xee; // no write-protect pin
  image.writeUInt16LE(0xffff, 17); // any chip revision
  image[23] = 1; // a SHA-256 follows the checksum
}

function writeDescription(segment: Buffer, app: Omit<AppImage, "elfSha256">, sha256: Buffer): void {
  segment.writeUInt32LE(DESCRIPTION_MAGIC, 0);
  segment.write(app.version, 16, 31, "latin1");
  segment.write(app.product, 48, 31, "latin1");
  sha256.copy(segment, 144);
}

/** What the bootloader verifies before anything of the image runs; the reasons are ours, the checks ESP-IDF's. */
export type ImageFault = "magic" | "segments" | "checksum" | "sha256" | "description";

export function decodeAppImage(partition: Uint8Array): AppImage | ImageFault {
  const bytes = Buffer.from(partition.buffer, partition.byteOffset, partition.length);
  if (bytes[0] !== MAGIC) return "magic";
  const segmentCount = bytes.readUInt8(1);
  if (segmentCount === 0 || segmentCount > SEGMENTS_MAX) return "segments";
  let at = HEADER_BYTES;
  let checksum = CHECKSUM_SEED;
  for (let index = 0; index < segmentCount; index++) {
    const length = at + SEGMENT_HEADER_BYTES <= bytes.length ? bytes.readUInt32LE(at + 4) : 1;
    at += SEGMENT_HEADER_BYTES;
    if (length % 4 !== 0 || at + length > bytes.length) return "segments";
    for (const byte of bytes.subarray(at, at + length)) checksum ^= byte;
    at += length;
  }
  const checksumAt = at + 15 - (at % 16);
  if (bytes[checksumAt] !== checksum) return "checksum";
  return verifySha256(bytes, checksumAt + 1) ? readApplication(bytes) : "sha256";
}

function verifySha256(bytes: Buffer, end: number): boolean {
  if (bytes[23] !== 1) return false;
  const digest = createHash("sha256").update(bytes.subarray(0, end)).digest();
  return digest.equals(bytes.subarray(end, end + SHA256_BYTES));
}

function readApplication(bytes: Buffer): AppImage | "description" {
  const segment = bytes.subarray(HEADER_BYTES + SEGMENT_HEADER_BYTES);
  if (segment.readUInt32LE(0) !== DESCRIPTION_MAGIC) return "description";
  const length = segment.readUInt32LE(DESCRIPTION_BYTES);
  const text = segment.subarray(DESCRIPTION_BYTES + 4, DESCRIPTION_BYTES + 4 + length);
  return {
    version: cString(segment, 16),
    product: cString(segment, 48),
    elfSha256: segment.toString("hex", 144, 176),
    javascript: text.toString("utf8"),
  };
}

function cString(bytes: Buffer, at: number): string {
  return bytes.toString("latin1", at, at + 32).replace(/\0.*$/, "");
}
