/**
 * Gives this tree a version, in every place that holds one: package.json, its lock, the manifest, and the description that
 * is compiled into an image.
 *
 *   node tools/set-version.ts 1.4.0
 *
 * Exit codes: 0 ok, 1 a place was not found, 2 usage. Nothing is written unless all places were found.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseSemVer } from "../protocol/semver.ts";

const ROOT = join(import.meta.dirname, "..");

/** A file, and what stands around its version. */
const PLACES: readonly (readonly [file: string, before: string])[] = [
  ["package.json", '"version": "'],
  ["package-lock.json", '"name": "skyfeeder",\n  "version": "'],
  ["package-lock.json", '"name": "skyfeeder",\n      "version": "'],
  ["manifest.json", '"firmwareVersion": "'],
  ["device/esp32/native/app_slots.c", '#define FIRMWARE_VERSION "'],
];

export function setVersion(root: string, version: string): string[] {
  const texts = new Map<string, string>();
  const faults: string[] = [];
  for (const [file, before] of PLACES) {
    const text = texts.get(file) ?? readFileSync(join(root, file), "utf8");
    const from = text.indexOf(before) + before.length;
    const to = text.indexOf('"', from);
    if (!text.includes(before) || parseSemVer(text.slice(from, to)) === undefined) {
      faults.push(`${file}: there is no version behind ${before.trim()}`);
    }
    texts.set(file, text.slice(0, from) + version + text.slice(to));
  }
  if (faults.length > 0) return faults;
  for (const [file, text] of texts) writeFileSync(join(root, file), text);
  return [];
}

function main(version = ""): void {
  if (parseSemVer(version) === undefined) {
    process.stderr.write(
      "usage: node tools/set-version.ts VERSION, SemVer of at most 31 characters\n",
    );
    process.exitCode = 2;
    return;
  }
  const faults = setVersion(ROOT, version);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
}

if (import.meta.main) main(process.argv[2]);
