import { type AppImage, decodeAppImage, type ImageFault } from "./app-image.ts";
import type { Flash } from "./flash.ts";
import type { Partition } from "./partition-table.ts";

interface Verified {
  readonly content: readonly object[];
  readonly image: AppImage | ImageFault;
}

/** By the first sector of the slot, and gone with it. */
const lastVerified = new WeakMap<object, Verified>();

/**
 * The image a slot holds, or why it is none. What was verified once is not again, on any fork of the chip that still
 * holds it: a sweep boots thousands of forks from the same megabyte.
 */
export function readSlotImage(flash: Flash, slot: Partition): AppImage | ImageFault {
  const content = flash.content(slot.offsetBytes, slot.sizeBytes);
  const key = content[0] ?? flash;
  const known = lastVerified.get(key);
  if (known !== undefined && sameContent(known.content, content)) return known.image;
  const image = decodeAppImage(readSlot(flash, slot));
  lastVerified.set(key, { content, image });
  return image;
}

function sameContent(a: readonly object[], b: readonly object[]): boolean {
  return a.length === b.length && a.every((sector, index) => sector === b[index]);
}

const HEADER_BYTES = 24;
const SEGMENT_HEADER_BYTES = 8;

/**
 * Whether a bootloader that validates nothing starts what a slot holds: it walks the segments, whatever they are, and
 * they must fit the slot. An erased slot does not pass for one.
 */
export function looksLoadable(flash: Flash, slot: Partition): boolean {
  const bytes = readSlot(flash, slot);
  let at = HEADER_BYTES;
  for (let segments = bytes.readUInt8(1); segments > 0; segments--) {
    if (at + SEGMENT_HEADER_BYTES > bytes.length) return false;
    const lengthBytes = bytes.readUInt32LE(at + 4);
    if (lengthBytes % 4 !== 0) return false;
    at += SEGMENT_HEADER_BYTES + lengthBytes;
  }
  const checksumEnd = at + 16 - (at % 16);
  return checksumEnd + (bytes[23] === 1 ? 32 : 0) <= bytes.length;
}

function readSlot(flash: Flash, { offsetBytes, sizeBytes }: Partition): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  flash.read(offsetBytes, bytes);
  return bytes;
}
