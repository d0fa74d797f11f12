import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { create, list } from "tar";
import { expect, test } from "vitest";
import { backUp } from "../../../cli/keeping/backup.ts";
import { examineFolder } from "../../../cli/keeping/doctor.ts";
import { restore } from "../../../cli/keeping/restore.ts";
import { makeFolder, start } from "../../server-min/started-server.ts";
import { RunningCommand, skyfeeder } from "../running-command.ts";
import { galleryOf, makeStock, upload } from "./stocked-folder.ts";

async function backUpOf(dataDir: string) {
  const file = join(await makeFolder(), "birds.tar");
  const outcome = await backUp(file, dataDir);
  if (outcome.kind === "failed") throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

async function restoreOf(file: string) {
  const data = join(await makeFolder(), "deep", "data");
  return { data, outcome: await restore(file, data) };
}

test("while feeders deliver: the restored server serves all that it lists, and all from before", async () => {
  const { dataDir, before } = await makeStock();
  const server = await start({ dataDir });
  let isOver = false;
  const uploaded: string[] = [];
  const work = async (deviceId: string) => {
    for (let n = 0; !isOver; n++)
      uploaded.push(await upload(server.url, `${deviceId}-${n}`, { deviceId }));
  };
  const feeders = ["feeder-1", "feeder-2", "feeder-3"].map(work);
  await expect.poll(() => uploaded.length, { timeout: 20_000 }).toBeGreaterThan(10);
  const deliveredBefore = [...uploaded];
  const file = join(await makeFolder(), "birds.tar");
  expect(await skyfeeder("backup", file, "--data", dataDir)).toMatchObject({ code: 0 });
  const { file: later } = await backUpOf(dataDir);
  isOver = true;
  await Promise.all(feeders);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(dirname(file))).toEqual(["birds.tar"]);

  for (const backup of [file, later]) {
    const { data, outcome } = await restoreOf(backup);
    expect(outcome.kind).toBe("done");
    expect(await examineFolder({ data, deep: true })).toMatchObject({ value: { ok: true } });
    const restored = await start({ dataDir: data });
    const gallery = await galleryOf(restored.url);
    expect(gallery).toEqual(expect.arrayContaining(before));
    const keys = gallery.map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining(deliveredBefore));
    await restored.close();
  }
  expect(server.notices.filter((text) => text.includes("Error"))).toEqual([]);
});

test("secrets and keys come along: what was signed before holds on the restored server", async () => {
  const { dataDir } = await makeStock();
  await mkdir(join(dataDir, "tls"));
  await writeFile(join(dataDir, "tls", "server.pem"), "a certificate");
  const { file } = await backUpOf(dataDir);
  const { data } = await restoreOf(file);
  for (const name of ["secrets.json", join("tls", "server.pem")]) {
    expect(await readFile(join(data, name))).toEqual(await readFile(join(dataDir, name)));
    expect((await stat(join(data, name))).mode & 0o777).toBe(0o600);
  }
});

test("an object that is gone or damaged is left out of the copy's index, and told", async () => {
  const { dataDir, keys, pathOf, before } = await makeStock();
  await rm(pathOf(keys.robin));
  await writeFile(pathOf(keys.clip), "not what it was");
  const { file, leftOut } = await backUpOf(dataDir);
  expect([...leftOut].sort()).toEqual([keys.clip, keys.robin].sort());
  const { data } = await restoreOf(file);
  const restored = await start({ dataDir: data });
  const left = before.filter(({ key }) => !leftOut.includes(key));
  expect(await galleryOf(restored.url)).toEqual(left);
});

async function cut(file: string) {
  await truncate(file, (await stat(file)).size - 5_000);
}

async function flip(file: string) {
  const bytes = await readFile(file);
  bytes.fill(0x55, 2_000, 2_010);
  await writeFile(file, bytes);
}

test.each([cut, flip])(
  "one that was damaged is refused, and leaves nothing (%o)",
  async (damage) => {
    const { dataDir } = await makeStock();
    const { file } = await backUpOf(dataDir);
    await damage(file);
    const { data, outcome } = await restoreOf(file);
    expect(outcome).toMatchObject({ failure: { code: "backup_damaged" } });
    expect(await readdir(dirname(data))).toEqual([]);
  },
);

test("an archive that reaches outside its folder is refused, and reaches nothing", async () => {
  const folder = await makeFolder();
  await mkdir(join(folder, "in"));
  await writeFile(join(folder, "victim"), "precious");
  const file = join(folder, "evil.tar");
  await create({ file, cwd: join(folder, "in"), preservePaths: true }, ["../victim"]);
  const { data, outcome } = await restoreOf(file);
  expect(outcome).toMatchObject({ failure: { code: "backup_damaged" } });
  expect(await readdir(dirname(data))).toEqual([]);
});

test("a folder with something in it is never written to, and none is backed up into itself", async () => {
  const { dataDir } = await makeStock();
  const { file } = await backUpOf(dataDir);
  expect(await restore(file, dataDir)).toMatchObject({ failure: { code: "data_dir_not_empty" } });
  const inside = join(dataDir, "birds.tar");
  expect(await backUp(inside, dataDir)).toMatchObject({ failure: { code: "backup_inside_data" } });
  const nowhere = join(dataDir, "..", "no", "such", "birds.tar");
  expect(await backUp(nowhere, dataDir)).toMatchObject({ failure: { code: "backup_failed" } });
});

test("what is there and no file is neither replaced by a backup nor taken for one", async () => {
  const { dataDir } = await makeStock();
  const folder = await makeFolder();
  execFileSync("mkfifo", [join(folder, "pipe")]);
  for (const target of [join(folder, "pipe"), folder]) {
    expect(await backUp(target, dataDir)).toMatchObject({
      failure: { code: "backup_target_taken", exitCode: 2 },
    });
  }
  const { outcome } = await restoreOf(await makeFolder());
  expect(outcome).toMatchObject({ failure: { code: "file_not_found" } });
});

test("what somebody else put into the folder comes along, and links are not followed", async () => {
  const { dataDir } = await makeStock();
  await mkdir(join(dataDir, "notes", "deep"), { recursive: true });
  await writeFile(join(dataDir, "notes", "deep", "birds.txt"), "a wren");
  await symlink("..", join(dataDir, "notes", "up"));
  await symlink("/nowhere", join(dataDir, "notes", "dangling"));
  execFileSync("mkfifo", [join(dataDir, "notes", "pipe")]);
  const { file } = await backUpOf(dataDir);
  const { data } = await restoreOf(file);
  expect((await readdir(join(data, "notes"), { recursive: true })).sort()).toEqual([
    "deep",
    join("deep", "birds.txt"),
  ]);
});

test("on a disk that fills, both fail in words and leave nothing", async () => {
  const { dataDir } = await makeStock();
  const { file } = await backUpOf(dataDir);
  const folder = await makeFolder();
  // No file becomes longer than so many blocks of 512 bytes: to whoever writes it, a disk that is full.
  const full = (blocks: number, ...args: string[]) => {
    const line = `ulimit -f ${blocks}; exec "$0" cli/skyfeeder.js "$@"`;
    return new RunningCommand("sh", ["-c", line, process.execPath, ...args]).end();
  };
  for (const blocks of [4, 20]) {
    const restored = await full(blocks, "restore", file, "--data", join(folder, "data"));
    expect(restored).toMatchObject({ code: 1, stdout: "" });
    expect(restored.stderr).toMatch(/(no room|too large).*\(restore_failed\)\ntry: make room/s);
    const saved = await full(blocks, "backup", join(folder, "more.tar"), "--data", dataDir);
    expect(saved).toMatchObject({ code: 1, stdout: "" });
    expect(saved.stderr).toMatch(/\(backup_failed\)\ntry: look for room/);
  }
  expect(await readdir(folder)).toEqual([]);
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "one that is interrupted by %s leaves nothing behind: there are secrets in it",
  async (signal) => {
    const { dataDir, keys, pathOf } = await makeStock();
    const folder = await makeFolder();
    const pipe = join(folder, "endless.tar");
    execFileSync("mkfifo", [pipe]);
    await rm(pathOf(keys.robin));
    execFileSync("mkfifo", [pathOf(keys.robin)]);
    for (const args of [
      ["backup", join(folder, "birds.tar"), "--data", dataDir],
      ["restore", pipe, "--data", join(folder, "data")],
    ]) {
      const running = new RunningCommand(process.execPath, ["cli/skyfeeder.js", ...args]);
      await expect.poll(() => readdir(folder)).toHaveLength(2);
      running.signal(signal);
      expect(await running.end()).toMatchObject({ code: null });
      expect(await readdir(folder)).toEqual(["endless.tar"]);
    }
  },
);

test("where no folder can be, restoring fails in words", async () => {
  const { dataDir } = await makeStock();
  const { file } = await backUpOf(dataDir);
  for (const data of [file, join(file, "data")]) {
    expect(await restore(file, data)).toMatchObject({ failure: { code: "restore_failed" } });
  }
});

test("on the command line: a plain tar file, and back", async () => {
  const { dataDir, before } = await makeStock();
  const file = join(await makeFolder(), "birds.tar");
  const saved = await skyfeeder("backup", file, "--data", dataDir, "--json");
  expect(saved).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(saved.stdout)).toMatchObject({ file, objects: 5, leftOut: [] });
  const names: string[] = [];
  await list({ file, onReadEntry: ({ path }) => void names.push(path) });
  expect(names).toEqual(expect.arrayContaining(["skyfeeder.db", "secrets.json"]));
  const data = join(await makeFolder(), "data");
  const back = await skyfeeder("restore", file, "--data", data);
  expect(back).toMatchObject({ code: 0, stderr: "" });
  expect(back.stdout).toContain("5 objects");
  const restored = await start({ dataDir: data });
  expect(await galleryOf(restored.url)).toEqual(before);
});
