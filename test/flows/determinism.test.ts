import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ROOT } from "../tidy/source-tree.ts";

const DAY = "test/flows/busy-day.ts";
const folder = mkdtempSync(join(tmpdir(), "skyfeeder-elsewhere-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function traceHash(root: string, seed: number): string {
  return execFileSync(process.execPath, [join(root, DAY), String(seed)], { encoding: "utf8" });
}

/** The sources again, in a folder of another name. */
function copyElsewhere(): string {
  for (const part of [
    "main.ts",
    "manifest.json",
    "package.json",
    "protocol",
    "device",
    "host-sim",
    "server-min",
    "cli",
    "test",
  ]) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

test("a day of one feeder leaves the same trace again, and from another folder; another seed leaves another", () => {
  const first = traceHash(ROOT, 5);
  expect(first).toMatch(/^[0-9a-f]{64}\n$/);
  expect(traceHash(ROOT, 5)).toBe(first);
  expect(traceHash(copyElsewhere(), 5)).toBe(first);
  expect(traceHash(ROOT, 6)).not.toBe(first);
}, 60_000);
