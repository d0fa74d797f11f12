import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const NAME = /^skyfeeder-xs-(\d+)-/;

let folder: string | undefined;

/** A folder of this process, gone with it. */
export function scratchFolder(): string {
  if (folder !== undefined) return folder;
  removeLeftOver();
  const path = mkdtempSync(join(tmpdir(), `skyfeeder-xs-${process.pid}-`));
  process.on("exit", () => rmSync(path, { recursive: true, force: true }));
  folder = path;
  return path;
}

/** Of processes that were killed, as vitest ends its own: those heard of no exit. */
function removeLeftOver(): void {
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = NAME.exec(name) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  }
}
