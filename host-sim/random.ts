import { createHash } from "node:crypto";

/** Uniform in [0, 1), 32 bits of it. */
export type RandomStream = () => number;

/**
 * One independent stream for each subsystem: a draw more in one place does not shift another, so a failing seed stays
 * failing while its cause is narrowed down. The generator is sfc32 (Doty-Humphrey, PractRand).
 */
export function randomStream(seed: number, name: string): RandomStream {
  const key = createHash("sha256").update(`${seed}/${name}`).digest();
  let a = key.readInt32LE(0);
  let b = key.readInt32LE(4);
  let c = key.readInt32LE(8);
  let counter = key.readInt32LE(12);
  return () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
}
