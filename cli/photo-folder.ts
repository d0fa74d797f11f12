import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { EXIT, type Failure } from "./failure.ts";

/** The feeder's own bound on a still. */
const STILL_BYTES_MAX = 256 * 1024;

export interface PhotoFolder {
  readonly kind: "photos";
  /** The next picture of the folder, round and round. */
  next(): Uint8Array;
  /** Files that are no JPEG or too large for the camera link. */
  readonly leftOut: readonly string[];
}

export type PhotoFolderFailure = { readonly kind: "failed"; readonly failure: Failure };

export function openPhotoFolder(folder: string): PhotoFolder | PhotoFolderFailure {
  let names: string[];
  try {
    names = readdirSync(folder)
      .filter((name) => /\.jpe?g$/i.test(name))
      .sort();
  } catch (error) {
    return refuse(`cannot read the folder ${folder}: ${(error as NodeJS.ErrnoException).code}`);
  }
  const pictures = names.map((name) => ({ name, bytes: readPicture(join(folder, name)) }));
  const good = pictures.filter(({ bytes }) => isSmallJpeg(bytes));
  if (good.length === 0) return refuse(`${folder} has no JPEG of at most 256 KiB`);
  const leftOut = pictures.filter(({ bytes }) => !isSmallJpeg(bytes)).map(({ name }) => name);
  let at = 0;
  return {
    kind: "photos",
    next: () => (good[at++ % good.length] as { bytes: Uint8Array }).bytes,
    leftOut,
  };
}

/** Empty for what is no file, or none that may be read: a folder, a dangling link, a pipe that nobody fills. */
function readPicture(path: string): Uint8Array {
  try {
    return statSync(path).isFile() ? readFileSync(path) : new Uint8Array();
  } catch {
    return new Uint8Array();
  }
}

function isSmallJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes.length <= STILL_BYTES_MAX;
}

function refuse(message: string): PhotoFolderFailure {
  const hint = "npm start -- --photos FOLDER with .jpg files in it";
  const failure = { code: "photos_unusable", message, hint, exitCode: EXIT.notFound };
  return { kind: "failed", failure };
}
