import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../../server-min/started-server.ts";
import { CommandHome } from "../command-home.ts";
import { makeStock } from "./stocked-folder.ts";

/** A settings file that says this, in a folder of its own. */
async function settings(text: string) {
  const folder = await makeFolder();
  const file = join(folder, "skyfeeder.toml");
  await writeFile(file, text);
  return { folder, file };
}

async function run(...args: string[]) {
  const { code, stdout } = await new CommandHome(await makeFolder()).run([...args, "--json"]);
  return { code, value: JSON.parse(stdout) };
}

test("doctor, backup and restore work in the folder of the settings, unless another one is named", async () => {
  const { dataDir } = await makeStock();
  const here = await settings(`dataDir = "${dataDir}"\n`);
  const examined = await run("doctor", "--config", here.file);
  expect(examined).toMatchObject({
    code: 0,
    value: { ok: true, kept: { data: dataDir, ok: true } },
  });

  const backup = join(here.folder, "birds.tar");
  const saved = await run("backup", backup, "--config", here.file);
  expect(saved).toMatchObject({ code: 0, value: { objects: 5 } });

  const there = await settings('dataDir = "restored"\n');
  const restored = await run("restore", backup, "--config", there.file);
  expect(restored).toMatchObject({ code: 0, value: { data: join(there.folder, "restored") } });

  const empty = join(there.folder, "empty");
  await mkdir(empty);
  const other = await run("doctor", "--config", here.file, "--data", empty);
  expect(other).toMatchObject({ code: 4, value: { error: { code: "no_data" } } });
});

test("where the settings keep some of it elsewhere, none of them does half of it", async () => {
  const { folder, file } = await settings('[database]\nurl = "postgres://sky@db.lan/birds"\n');
  const end = await run("doctor", "--repair", "--config", file);
  expect(end).toMatchObject({ code: 2, value: { error: { code: "kept_elsewhere" } } });
  expect(await readdir(folder)).toEqual(["skyfeeder.toml"]);
});

test.each([
  ["start", "--no-browser"],
  ["restore", "birds.tar"],
])("%s %s with settings that are not there says so", async (...command) => {
  const file = join(await makeFolder(), "nowhere.toml");
  const end = await run(...command, "--config", file);
  const message = `there is no settings file ${file}`;
  expect(end).toMatchObject({ code: 4, value: { error: { code: "settings_missing", message } } });
});
