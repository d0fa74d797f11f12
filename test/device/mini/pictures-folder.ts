import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The smallest thing with a JPEG's size in it, and then bytes of every value. */
export function pictureOf(width: number, height: number, lengthBytes: number): Buffer {
  const head = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 11, 8];
  const size = [height >> 8, height & 0xff, width >> 8, width & 0xff, 1, 1, 0x11, 0];
  const rest = Array.from(
    { length: lengthBytes - head.length - size.length },
    (_, at) => at & 0xff,
  );
  return Buffer.from([...head, ...size, ...rest]);
}

export const STILLS: readonly Buffer[] = [
  pictureOf(640, 480, 20_480),
  pictureOf(640, 480, 3_001),
  pictureOf(640, 480, 1_000),
];

export function sha256Hex(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export function picturesFolder(
  files: Readonly<Record<string, Buffer>> = {},
  stills: readonly Buffer[] = STILLS,
): string {
  const folder = mkdtempSync(join(tmpdir(), "skyfeeder-pictures-"));
  for (const [index, still] of stills.entries()) writeFileSync(join(folder, `${index}.jpg`), still);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}
