import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { DoctorOptions } from "../../../cli/keeping/doctor.ts";
import { examineFolder } from "../../../cli/keeping/doctor.ts";
import { makeFolder, start, tryStart } from "../../server-min/started-server.ts";
import { CommandHome } from "../command-home.ts";
import { skyfeeder } from "../running-command.ts";
import { DAY, galleryOf, makeStock, pictureOf, upload } from "./stocked-folder.ts";

async function doctor(data: string, options: Partial<DoctorOptions> = {}) {
  const outcome = await examineFolder({ data, ...options });
  if (outcome.kind === "failed") throw new Error(JSON.stringify(outcome));
  const { ok, findings } = outcome.value;
  return { ok, findings: findings.map(({ problem, at }) => [problem, at]), all: findings };
}

async function galleryAfter(dataDir: string) {
  const server = await start({ dataDir });
  const gallery = await galleryOf(server.url);
  await server.close();
  return gallery;
}

/** Row by row, as somebody with an SQL shell. */
function alter(dataDir: string, statement: string): void {
  const database = new DatabaseSync(join(dataDir, "skyfeeder.db"));
  database.exec(statement);
  database.close();
}

test("a folder in order is said to be, also deep, also to --repair", async () => {
  const { dataDir, before } = await makeStock();
  for (const options of [{}, { deep: true }, { repair: true }, { repair: true, deep: true }]) {
    expect(await doctor(dataDir, options)).toMatchObject({ ok: true, findings: [] });
  }
  expect(await galleryAfter(dataDir)).toEqual(before);
});

test("everything that can be wrong is found, mended once, and then it is in order", async () => {
  const { dataDir, keys, pathOf, before } = await makeStock();
  const dayFile = `photos/feeder-1/indices/day-${DAY}.json`;
  await rm(pathOf(keys.robin));
  await writeFile(pathOf(keys.named), "cut");
  await writeFile(pathOf(keys.clip), pictureOf("elsewhere").subarray(0, 3_000));
  await writeFile(pathOf(dayFile), "{}");
  // Long ago, or the next start would be trusted to write it.
  alter(dataDir, "UPDATE objects SET stored_at_ms = 1 WHERE device_id = 'feeder-1'");
  await mkdir(pathOf("photos/feeder-2/indices"), { recursive: true });
  await writeFile(pathOf("photos/feeder-2/2026-05-01T11-00-00-000Z-found.jpg"), pictureOf("found"));
  await writeFile(pathOf(`photos/feeder-2/indices/day-2020-01-01.json`), "{}");
  await writeFile(pathOf("photos/feeder-2/gone.jpg"), "over");
  alter(
    dataDir,
    `INSERT INTO objects SELECT 'photos/feeder-2/gone.jpg', device_id, 'gone', kind, content_type, bytes, sha256,
     captured_at_ms, day, stored_at_ms, acked_at_ms, NULL, 1, 2 FROM objects WHERE capture_id = 'other'`,
  );
  const wrong = [
    ["day_file_wrong", dayFile],
    ["day_file_wrong", "photos/feeder-2/indices/day-2020-01-01.json"],
    ["object_damaged", keys.named],
    ["object_left_over", "photos/feeder-2/gone.jpg"],
    ["object_missing", keys.robin],
    ["row_missing", "photos/feeder-2/2026-05-01T11-00-00-000Z-found.jpg"],
  ].sort();
  const looked = await doctor(dataDir);
  expect(looked.ok).toBe(false);
  expect(looked.findings.sort()).toEqual(wrong);
  const deep = [...wrong, ["object_damaged", keys.clip]].sort();
  expect((await doctor(dataDir, { deep: true })).findings.sort()).toEqual(deep);
  // Looking changed nothing.
  expect((await doctor(dataDir)).findings.sort()).toEqual(wrong);

  const mended = await doctor(dataDir, { repair: true, deep: true });
  expect(mended.ok).toBe(true);
  expect(mended.findings).toEqual(expect.arrayContaining(deep));
  expect(await doctor(dataDir, { deep: true })).toMatchObject({ ok: true, findings: [] });
  expect(await readFile(pathOf(`damaged/${keys.named}`), "utf8")).toBe("cut");
  const left = before.filter(({ key }) => [keys.saved, keys.other].includes(key));
  const found = { id: "found", ts: Date.parse(`${DAY}T11:00:00Z`), saved: false };
  const gallery = await galleryAfter(dataDir);
  expect(gallery).toHaveLength(3);
  expect(gallery).toEqual(expect.arrayContaining([...left, expect.objectContaining(found)]));
});

test("a lost database: no server starts, --repair brings the gallery back, with what was saved", async () => {
  const { dataDir, before, keys } = await makeStock();
  for (const name of ["skyfeeder.db", "skyfeeder.db-wal", "skyfeeder.db-shm"]) {
    await rm(join(dataDir, name), { force: true });
  }
  await expect(start({ dataDir })).rejects.toThrow("database_missing");
  expect((await doctor(dataDir)).findings).toEqual(
    expect.arrayContaining([
      ["database_missing", "database"],
      ["row_missing", keys.clip],
    ]),
  );
  expect(await doctor(dataDir, { repair: true })).toMatchObject({ ok: true });
  expect(await doctor(dataDir, { deep: true })).toMatchObject({ ok: true, findings: [] });
  expect(await galleryAfter(dataDir)).toEqual(before);
  // The feeder that sends one again finds it there.
  const server = await start({ dataDir });
  expect(await upload(server.url, "robin")).toBe(keys.robin);
  expect(await galleryOf(server.url)).toEqual(before);
});

test("an empty database is a lost one: no server starts on it, --repair brings back what was saved", async () => {
  const { dataDir, before } = await makeStock();
  for (const end of ["-wal", "-shm"])
    await rm(join(dataDir, `skyfeeder.db${end}`), { force: true });
  await writeFile(join(dataDir, "skyfeeder.db"), "");
  const { started } = await tryStart({ dataDir });
  expect(started).toMatchObject({ kind: "failed", reason: "database_missing" });
  expect(await doctor(dataDir, { repair: true })).toMatchObject({ ok: true });
  const savedOf = (gallery: typeof before) => gallery.filter(({ saved }) => saved);
  expect(savedOf(await galleryAfter(dataDir))).toEqual(savedOf(before));
});

test("a repair that ended half-way is ended by the next one", async () => {
  const { dataDir, before, pathOf } = await makeStock();
  const half = join(await makeFolder(), "data");
  await cp(dataDir, half, { recursive: true });
  await rm(join(half, "skyfeeder.db"));
  // Every file of a day is as it was, and some of the rows are there.
  const whole = new DatabaseSync(join(dataDir, "skyfeeder.db"));
  whole.exec("DELETE FROM objects WHERE capture_id IN ('saved', 'clip'); DELETE FROM devices");
  whole.exec(`VACUUM INTO '${join(half, "skyfeeder.db")}'`);
  whole.close();
  expect(pathOf("")).toContain(dataDir);
  expect(await doctor(half, { repair: true })).toMatchObject({ ok: true });
  const ids = before.map(({ id }) => id);
  const database = new DatabaseSync(join(half, "skyfeeder.db"));
  const rows = database.prepare("SELECT capture_id, saved_at_ms FROM objects").all();
  expect(rows.map(({ capture_id }) => String(capture_id)).sort()).toEqual(ids.sort());
  expect(rows.find(({ capture_id }) => capture_id === "saved")?.saved_at_ms).not.toBeNull();
  database.close();
});

test("beside a server at work it only looks, and finds nothing that is only under way", async () => {
  const { dataDir } = await makeStock();
  const server = await start({ dataDir });
  let isOver = false;
  const work = (async () => {
    for (let n = 0; !isOver; n++) await upload(server.url, `busy-${n}`);
  })();
  for (let n = 0; n < 3; n++) {
    expect(await doctor(dataDir, { deep: true })).toMatchObject({ ok: true, findings: [] });
  }
  expect(await examineFolder({ data: dataDir, repair: true })).toMatchObject({
    failure: { code: "data_dir_in_use", exitCode: 1 },
  });
  isOver = true;
  await work;
  expect(server.notices.filter((text) => text.includes("Error"))).toEqual([]);
});

test("when nothing that is listed is there, nothing is forgotten: its disk may not be mounted", async () => {
  const { dataDir, pathOf } = await makeStock();
  const server = await start({ dataDir });
  for (let n = 0; n < 10; n += 1) await upload(server.url, `more-${n}`);
  const before = await galleryOf(server.url);
  await server.close();
  await rename(pathOf(""), join(dataDir, "unmounted"));
  for (const repair of [false, true]) {
    const { ok, findings } = await doctor(dataDir, { repair });
    expect({ ok, findings }).toEqual({ ok: false, findings: [["objects_gone", "objects"]] });
  }
  await rm(pathOf(""), { recursive: true });
  await rename(join(dataDir, "unmounted"), pathOf(""));
  expect(await galleryAfter(dataDir)).toEqual(before);
});

test("a folder with the name of a day's file is told, and no reason to stop looking", async () => {
  const { dataDir, pathOf } = await makeStock();
  const file = pathOf(`photos/feeder-1/indices/day-${DAY}.json`);
  await rm(file);
  await mkdir(join(file, "somebody's"), { recursive: true });
  // Of what was stored last, the next start would write it.
  alter(dataDir, "UPDATE objects SET stored_at_ms = 1 WHERE device_id = 'feeder-1'");
  const { ok, findings } = await doctor(dataDir, { deep: true });
  expect({ ok, findings }).toMatchObject({ ok: false });
  expect(findings).toContainEqual(["day_file_wrong", `photos/feeder-1/indices/day-${DAY}.json`]);
  const mended = await examineFolder({ data: dataDir, repair: true });
  expect(mended).toMatchObject({ failure: { code: "doctor_failed" } });
});

test("a damaged database is told and left alone", async () => {
  const { dataDir } = await makeStock();
  const file = join(dataDir, "skyfeeder.db");
  const bytes = await readFile(file);
  await writeFile(file, bytes.fill(0xff, 4096, 20_480));
  const outcome = await examineFolder({ data: dataDir, repair: true });
  const told = JSON.stringify(outcome);
  expect(told).toContain("database_damaged");
  expect((await readFile(file)).equals(bytes)).toBe(true);
  await writeFile(file, "no database at all, but long enough to be looked at".repeat(100));
  expect(JSON.stringify(await examineFolder({ data: dataDir }))).toContain("database_damaged");
});

test("on the command line: findings are data, exit 1 until they are mended", async () => {
  const { dataDir, keys, pathOf } = await makeStock();
  await rm(pathOf(keys.robin));
  const looked = await skyfeeder("doctor", "--data", dataDir, "--json");
  expect(looked.code).toBe(1);
  expect(JSON.parse(looked.stdout)).toMatchObject({
    ok: false,
    kept: {
      ok: false,
      findings: expect.arrayContaining([expect.objectContaining({ problem: "object_missing" })]),
    },
  });
  const mended = await skyfeeder("doctor", "--data", dataDir, "--repair");
  expect(mended.code).toBe(0);
  expect(mended.stdout).toContain(`object_missing ${keys.robin}: taken out of the index`);
  const again = await skyfeeder("doctor", "--data", dataDir);
  expect(again).toMatchObject({ code: 0, stderr: "" });
});

test.each([
  [["doctor", "--data", "/nowhere/at/all"], "no_data", 4],
  [["doctor", "--data", ""], "usage", 2],
  [["doctor", "more"], "usage", 2],
  [["backup"], "usage", 2],
  [["backup", "/tmp/x.tar", "--data", "/nowhere/at/all"], "no_data", 4],
  [["restore", "/nowhere/x.tar"], "file_not_found", 4],
  [["restore", "/nowhere/x.tar", "--data", "/tmp/skyfeeder-none"], "file_not_found", 4],
  [["restore", "package.json", "--data", "test"], "data_dir_not_empty", 1],
  [["restore", "package.json", "--data", "/tmp/skyfeeder-none"], "backup_damaged", 1],
])("skyfeeder %j is refused as %s", async (args, code, exitCode) => {
  // Where no --data is named it is this folder, which is not there.
  const config = join(await makeFolder(), "skyfeeder.toml");
  await writeFile(config, 'dataDir = "none-yet"\n');
  const end = await new CommandHome(dirname(config)).run([...args, "--config", config, "--json"]);
  expect(end.code).toBe(exitCode);
  expect(JSON.parse(end.stdout)).toMatchObject({ error: { code } });
  expect(end.stderr).not.toMatch(/^ +at /m);
});
