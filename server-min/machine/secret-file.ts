import { renameSync, writeFileSync } from "node:fs";

/** Readable by its owner only, and renamed into place, so that a crash cannot leave half a file. */
export function writeSecretFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}
