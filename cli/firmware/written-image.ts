import { resolve } from "node:path";
import { readFirmwareFile } from "../../protocol/firmware-file.ts";
import { done, type Outcome } from "../outcome.ts";
import { alreadyThere, replaceWhole } from "../whole-file.ts";
import { type Inspection, inspect, readImageFile } from "./inspect.ts";

/** What a build made, as `inspect` would say. */
export type WrittenImage = Inspection & { readonly file: string };

/** Over an image made before, as a build does; over any other file never. */
export async function writeImage(path: string, bytes: Uint8Array): Promise<Outcome<WrittenImage>> {
  const existing = await readImageFile(path);
  if (existing.kind === "failed" && existing.failure.code !== "file_not_found") {
    return alreadyThere(path, "it is no firmware image");
  }
  const file = readFirmwareFile(bytes);
  if (typeof file === "string") throw new Error(`built what is no image: ${file}`);
  const written = await replaceWhole(path, bytes);
  if (written.kind === "failed") return written;
  return done({ file: resolve(path), ...inspect({ bytes, file }) });
}

export function writtenText({ file, project, version, chip, size, sha256 }: WrittenImage): string {
  process.stderr.write(`${project} ${version} for ${chip}, ${size} bytes, sha256 ${sha256}\n`);
  return file;
}
