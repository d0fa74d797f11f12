import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkReplaceable, readWhole, replaceWhole } from "../../cli/whole-file.ts";

const folder = mkdtempSync(join(tmpdir(), "skyfeeder-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a file is replaced by all of the new one", async () => {
  const path = join(folder, "song.txt");
  writeFileSync(path, "an older and longer song");
  expect(await replaceWhole(path, Buffer.from("new"))).toEqual({ kind: "done", value: path });
  expect(readFileSync(path, "utf8")).toBe("new");
});

test("what cannot be put in place leaves nothing beside it", async () => {
  const path = join(folder, "nest");
  mkdirSync(path);
  const written = await replaceWhole(path, Buffer.from("egg"));
  expect(written).toMatchObject({ kind: "failed", failure: { code: "output_unusable" } });
  expect(readdirSync(folder).filter((name) => name.startsWith("nest"))).toEqual(["nest"]);
});

test("whether a file can be put in place is known beforehand, and nothing is left of the trial", async () => {
  const known = join(folder, "known");
  writeFileSync(known, "as it was");
  expect(await checkReplaceable(known)).toEqual({ kind: "done", value: known });
  expect(readFileSync(known, "utf8")).toBe("as it was");
  expect(await checkReplaceable(join(folder, "fresh"))).toMatchObject({ kind: "done" });
  const pipe = join(folder, "pipe");
  spawnSync("mkfifo", [pipe]);
  for (const path of [folder, pipe, join(folder, "nowhere", "file"), join(known, "file")]) {
    expect(await checkReplaceable(path)).toMatchObject({ failure: { code: "output_unusable" } });
  }
  expect(readdirSync(folder).filter((name) => /known|fresh|pipe/.test(name))).toEqual([
    "known",
    "pipe",
  ]);
});

test("a file above the bound is not read", async () => {
  const path = join(folder, "long.txt");
  writeFileSync(path, "12345678");
  expect(await readWhole(path, 8)).toMatchObject({ kind: "done" });
  expect(await readWhole(path, 7)).toMatchObject({ failure: { code: "file_unreadable" } });
});
