import { crc32 } from "node:zlib";

/** The checksum of the link's frames, which the boards reckon in C: here in zlib's. */
export function nativeCrc32(bytes: Uint8Array, start: number, end: number): number {
  return crc32(bytes.subarray(start, end));
}
