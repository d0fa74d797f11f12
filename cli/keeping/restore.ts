import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { readFile, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { extract, type ReadEntry } from "tar";
import { parseRecord } from "../../protocol/json.ts";
import { DATABASE_FILE, OBJECTS_FOLDER } from "../../server-min/machine/data-folder.ts";
import { disk } from "../../server-min/machine/disk.ts";
import { makeFolders } from "../../server-min/machine/make-folders.ts";
import { openFolderObjects } from "../../server-min/storage/folder-objects.ts";
import { EXIT } from "../failure.ts";
import type { Failed, Outcome } from "../outcome.ts";
import { done, failed } from "../outcome.ts";
import { BACKUP_FORMAT, END_ENTRY } from "./backup-format.ts";
import { openOurs } from "./embedded-stores.ts";
import type { Finding } from "./examine.ts";
import { examineDatabase, examineImages, examineObjects } from "./examine.ts";
import { mend } from "./mend.ts";
import { makeScratch } from "./scratch-folder.ts";

export interface Restored {
  readonly data: string;
  readonly objects: number;
}

/** The folder appears whole and examined, or not at all. */
export async function restore(file: string, data: string): Promise<Outcome<Restored>> {
  const folder = resolve(data);
  return restoreInto(folder, file).catch((error: Error) => {
    // A file system that is mounted there cannot be replaced by its name.
    const hint = "make room, or name a folder that may be made or replaced, one below a mount";
    return failed("restore_failed", `${folder}: ${error.message}`, hint, EXIT.failed);
  });
}

async function restoreInto(folder: string, file: string): Promise<Outcome<Restored>> {
  if (existsSync(folder) && !isEmptyFolder(folder)) {
    const message = `${folder} is not empty`;
    return failed("data_dir_not_empty", message, "name a new folder with --data", EXIT.failed);
  }
  const given = statSync(file, { throwIfNoEntry: false });
  if (given === undefined || given.isDirectory()) {
    const message = given === undefined ? `there is no ${file}` : `${file} is a folder`;
    return failed("file_not_found", message, "name a file that backup wrote", EXIT.notFound);
  }
  await makeFolders(dirname(folder));
  await using scratch = makeScratch(folder);
  const unpacked = await unpack(file, scratch.path);
  if (unpacked.kind === "failed") return unpacked;
  const examined = await examine(file, scratch.path);
  if (examined.kind === "failed") return examined;
  // Before the folder has its name: a power cut must not leave half a gallery under it.
  spawnSync("sync");
  if (existsSync(folder)) await rmdir(folder);
  await rename(scratch.path, folder);
  return done({ data: folder, objects: unpacked.value });
}

function isEmptyFolder(path: string): boolean {
  return readdirSync(path, { withFileTypes: true }).length === 0;
}

/** Answers how many objects the backup says that it has. */
async function unpack(file: string, scratch: string): Promise<Outcome<number>> {
  const foreign: string[] = [];
  const sizes = new Map<string, number>();
  const take = (path: string, entry: ReadEntry | object): boolean => {
    const isPlain =
      "type" in entry && entry.type === "File" && !/(^|\/)\.\.?(\/|$)|^\/|\\/.test(path);
    if (isPlain) sizes.set(path, entry.size);
    else foreign.push(path);
    return isPlain;
  };
  const options = { file, cwd: scratch, strict: true, filter: take };
  const unpacked = await extract(options).then(done, (error: NodeJS.ErrnoException) => {
    // What the system says of this side, a full disk above all, is nothing against the backup.
    if (error.syscall !== undefined) throw error;
    return damaged(file, error.message);
  });
  if (unpacked.kind === "failed") return unpacked;
  if (foreign.length > 0) return damaged(file, `it has ${foreign[0]}`);
  for (const [path, size] of sizes) {
    // The library takes a write that a full disk made short for a whole one.
    const { size: written } = statSync(join(scratch, path));
    if (written !== size) throw new Error(`no room for ${path}: ${written} of ${size} bytes fit`);
  }
  const endFile = join(scratch, END_ENTRY);
  const end = parseRecord(await readFile(endFile, "utf8").catch(() => ""));
  if (end?.format !== BACKUP_FORMAT) return damaged(file, "it has no end, or is no backup");
  await rm(endFile);
  return done(Number(end.objects));
}

/** The database of an older server is brought up to date here. */
async function examine(file: string, scratch: string): Promise<Outcome<undefined>> {
  const opened = openOurs(join(scratch, DATABASE_FILE));
  if (opened.kind === "failed") return damaged(file, opened.failure.message);
  const sql = opened.value;
  const objects = await openFolderObjects(disk, join(scratch, OBJECTS_FOLDER));
  const stores = { sql, objects };
  const found: Finding[] = [];
  for await (const finding of examineDatabase(stores)) found.push(finding);
  for await (const finding of examineObjects(stores, true)) found.push(finding);
  for await (const finding of examineImages(stores)) found.push(finding);
  // What is left to do is to write the files of the days.
  for await (const _ of mend(stores, [], Date.now()));
  await sql.destroy();
  // A release whose image was gone before the backup is only published again.
  const [first] = found.filter(({ problem }) => problem !== "image_missing");
  if (first === undefined) return done(undefined);
  return damaged(file, `${first.at}: ${first.detail}`);
}

function damaged(file: string, why: string): Failed {
  const message = `${file} cannot be restored: ${why}`;
  return failed("backup_damaged", message, "take another backup; nothing was changed", EXIT.failed);
}

export function restoredText({ data, objects }: Restored): string {
  return `${data}: ${objects} objects; start a server on it: npm start -- --data ${data}`;
}
