import { type AppDescription, parseAppDescription } from "./app-description.ts";
import { CHIP_FACTS, type ChipFacts, chipById, isMapped } from "./chips.ts";
import type { Chip } from "./update-manifest.ts";

/** An image as esptool writes it and the bootloader loads it: a header, segments, a checksum and a SHA-256. */
export interface EspImage {
  readonly chip: Chip;
  readonly entryAddress: number;
  /** What the header says of the chip's flash; undefined for a size nobody knows. */
  readonly flashBytes: number | undefined;
  readonly segments: readonly ImageSegment[];
  /** With checksum and hash. */
  readonly sizeBytes: number;
  /** What follows the image: a signature, or what does not belong there. */
  readonly trailingBytes: number;
  readonly isChecksumGood: boolean;
  /** Undefined when the header says that none is appended. */
  readonly hash: AppendedHash | undefined;
  /** Undefined in bootloaders and in what is loaded into RAM. */
  readonly description: AppDescription | undefined;
}

export interface ImageSegment {
  readonly address: number;
  /** Of its data, from the start of the image. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** Whoever has a SHA-256 checks it: the first `coversBytes` bytes must have this one. */
export interface AppendedHash {
  readonly coversBytes: number;
  readonly sha256: Uint8Array;
}

/**
 * Why bytes are no image. `chip`: of none this project knows; `segments`: none, or too many; `segment_address`: flash
 * that is mapped in pages starts elsewhere in its page than the address does.
 */
export type ImageFault =
  | "magic"
  | "truncated"
  | "chip"
  | "segments"
  | "segment_length"
  | "segment_address";

const MAGIC = 0xe9;
const HEADER_BYTES = 24;
const SEGMENT_HEADER_BYTES = 8;
const SEGMENTS_MAX = 16;
const SEGMENT_BYTES_END = 0x1000000;
const CHECKSUM_SEED = 0xef;
const SHA256_BYTES = 32;
const MEGABYTE = 0x100000;
/** 1 to 128 MB. */
const FLASH_SIZES = 8;
/** mmu_page_size of esp_app_desc_t: a power of 2. */
const PAGE_SIZE_AT = 180;
const PAGE_LOG2_MAX = 16;

/** Whether something that ought to be an image starts here; `readAppImage` says whether it is one. */
export function startsAsImage(bytes: Uint8Array): boolean {
  return bytes[0] === MAGIC;
}

/** Reads the image at the start of `bytes`: what ESP-IDF v6.0's esp_image_verify asks, but for the hash. */
export function readAppImage(bytes: Uint8Array): EspImage | ImageFault {
  if (!startsAsImage(bytes)) return "magic";
  if (bytes.length < HEADER_BYTES) return "truncated";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chip = chipById(view.getUint16(12, true));
  if (chip === undefined) return "chip";
  const segments = readSegments(view);
  if (typeof segments === "string") return segments;
  if (!areAligned(segments, CHIP_FACTS[chip], bytes)) return "segment_address";

  const checksumAt = checksumOffset(segments);
  const isHashed = view.getUint8(23) !== 0;
  const hashAt = checksumAt + 1;
  const sizeBytes = isHashed ? hashAt + SHA256_BYTES : hashAt;
  if (sizeBytes > bytes.length) return "truncated";
  return {
    chip,
    entryAddress: view.getUint32(4, true),
    flashBytes: flashBytes(view.getUint8(3) >> 4),
    segments,
    sizeBytes,
    trailingBytes: bytes.length - sizeBytes,
    isChecksumGood: view.getUint8(checksumAt) === checksumOf(view, segments),
    hash: isHashed ? { coversBytes: hashAt, sha256: bytes.subarray(hashAt, sizeBytes) } : undefined,
    description: parseAppDescription(firstSegment(bytes, segments)),
  };
}

function readSegments(view: DataView): ImageSegment[] | ImageFault {
  const count = view.getUint8(1);
  if (count === 0 || count > SEGMENTS_MAX) return "segments";
  const segments: ImageSegment[] = [];
  let at = HEADER_BYTES;
  while (segments.length < count) {
    const offsetBytes = at + SEGMENT_HEADER_BYTES;
    if (offsetBytes > view.byteLength) return "truncated";
    const sizeBytes = view.getUint32(at + 4, true);
    if (sizeBytes % 4 !== 0 || sizeBytes >= SEGMENT_BYTES_END) return "segment_length";
    segments.push({ address: view.getUint32(at, true), offsetBytes, sizeBytes });
    at = offsetBytes + sizeBytes;
  }
  return segments;
}

function areAligned(
  segments: readonly ImageSegment[],
  facts: ChipFacts,
  bytes: Uint8Array,
): boolean {
  const page = pageBytes(bytes, facts);
  return segments.every(
    ({ address, offsetBytes }) =>
      !isMapped(facts, address) || offsetBytes % page === address % page,
  );
}

/** Images older than the field have a zero there, and then nobody knows. */
function pageBytes(bytes: Uint8Array, { pageLog2Min }: ChipFacts): number {
  const log2 = bytes[HEADER_BYTES + SEGMENT_HEADER_BYTES + PAGE_SIZE_AT] ?? 0;
  return 2 ** (log2 >= pageLog2Min && log2 <= PAGE_LOG2_MAX ? log2 : pageLog2Min);
}

function firstSegment(bytes: Uint8Array, [first]: readonly ImageSegment[]): Uint8Array {
  if (first === undefined) return bytes.subarray(0, 0);
  return bytes.subarray(first.offsetBytes, first.offsetBytes + first.sizeBytes);
}

/** The last byte of the first block of 16 that has room for it. */
function checksumOffset(segments: readonly ImageSegment[]): number {
  const last = segments[segments.length - 1];
  return last === undefined ? HEADER_BYTES : (last.offsetBytes + last.sizeBytes) | 15;
}

/** Every byte of every segment, four at a time: a sweep of power cuts verifies megabytes by the thousand. */
function checksumOf(view: DataView, segments: readonly ImageSegment[]): number {
  let sum = 0;
  for (const { offsetBytes, sizeBytes } of segments) {
    const end = offsetBytes + sizeBytes;
    for (let at = offsetBytes; at < end; at += 4) sum ^= view.getUint32(at, true);
  }
  return (CHECKSUM_SEED ^ sum ^ (sum >>> 8) ^ (sum >>> 16) ^ (sum >>> 24)) & 0xff;
}

function flashBytes(code: number): number | undefined {
  return code < FLASH_SIZES ? MEGABYTE << code : undefined;
}
