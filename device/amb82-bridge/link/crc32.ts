/** Half-byte steps of the reflected polynomial 0xEDB88320: 64 bytes of table instead of 1 KiB on the feeder. */
const NIBBLE = [
  0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
  0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
] as const;

/** CRC-32 (IEEE 802.3) of `bytes[start, end)`, as an unsigned number; the value `zlib.crc32` gives. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0xffffffff;
  for (let at = start; at < end; at++) {
    crc ^= bytes[at] as number;
    crc = (NIBBLE[crc & 15] as number) ^ (crc >>> 4);
    crc = (NIBBLE[crc & 15] as number) ^ (crc >>> 4);
  }
  return ~crc >>> 0;
}
