import type { RandomStream } from "../random.ts";

/**
 * A chip clears a sector before it lets its bits rise, so that all its cells wear alike. Cut short, any bit may be the
 * old one, cleared, or risen.
 */
export function tornErase(old: Uint8Array, random: RandomStream): Uint8Array {
  const clearedShare = shareDone(random);
  const risenShare = shareDone(random);
  return old.map((byte) => (byte & ~scatter(clearedShare, random)) | scatter(risenShare, random));
}

/** A page is done up to some byte, whose bits have fallen in part. */
export function tornProgram(page: Uint8Array, random: RandomStream): Uint8Array {
  const done = Math.floor(random() * page.length);
  const torn = Uint8Array.from(page.subarray(0, done + 1));
  torn[done] = (torn[done] as number) | scatter(random(), random);
  return torn;
}

/** None and all of it are as likely as all between. */
function shareDone(random: RandomStream): number {
  return Math.min(1, Math.max(0, 2 * random() - 0.5));
}

/** A byte whose bits are set with that probability each. */
function scatter(share: number, random: RandomStream): number {
  if (share === 0 || share === 1) return share * 0xff;
  let byte = 0;
  for (let bit = 1; bit < 0x100; bit <<= 1) if (random() < share) byte |= bit;
  return byte;
}
