import { createHash } from "node:crypto";
import { createReadStream, existsSync, statSync } from "node:fs";
import { open, readFile, rename, stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { imageKey } from "../../server-min/firmware/publish-release.ts";
import { DATABASE_FILE, LOCK_FILE, OBJECTS_FOLDER } from "../../server-min/machine/data-folder.ts";
import { disk } from "../../server-min/machine/disk.ts";
import type { DiskEntry } from "../../server-min/storage/disk.ts";
import { EXIT } from "../failure.ts";
import type { Outcome } from "../outcome.ts";
import { done, failed } from "../outcome.ts";
import { ArchiveWriter } from "./archive-writer.ts";
import { BACKUP_FORMAT, END_ENTRY } from "./backup-format.ts";
import { makeScratch } from "./scratch-folder.ts";

export interface BackedUp {
  readonly file: string;
  readonly bytes: number;
  readonly objects: number;
  /** Listed, and not in the backup: their bytes are gone or not what they were. */
  readonly leftOut: readonly string[];
}

interface ListedObject {
  readonly key: string;
  readonly sha256: string;
  /** A photo or clip, whose time may be over meanwhile; or the image of a release. */
  readonly isMedia: boolean;
}

/**
 * The database as it was at one moment, and then the objects it lists: they never change. One that the server removed
 * meanwhile is taken out of the copy's index too.
 */
export async function backUp(file: string, data: string): Promise<Outcome<BackedUp>> {
  const folder = resolve(data);
  const target = resolve(file);
  if (!existsSync(join(folder, DATABASE_FILE))) {
    const hint = "name the folder that the server was started with: --data FOLDER";
    return failed("no_data", `${folder} has no database of SkyFeeder`, hint, EXIT.notFound);
  }
  if (!relative(folder, target).startsWith("..")) {
    const message = "a backup in the folder it is of would be in the next backup";
    return failed("backup_inside_data", message, `name a file outside ${folder}`, EXIT.usage);
  }
  if (statSync(target, { throwIfNoEntry: false })?.isFile() === false) {
    const message = `${target} is there, and is no file`;
    return failed("backup_target_taken", message, "name a new file", EXIT.usage);
  }
  return writeBackup(folder, target).then(done, (error: Error) => {
    const hint = "look for room and permissions there, and whether doctor is content";
    return failed("backup_failed", `no backup: ${error.message}`, hint, EXIT.failed);
  });
}

async function writeBackup(folder: string, target: string): Promise<BackedUp> {
  await using scratch = makeScratch(target);
  const copy = join(scratch.path, DATABASE_FILE);
  takeSnapshot(join(folder, DATABASE_FILE), copy);
  const unfinished = join(scratch.path, "backup.tar");
  await using handle = await open(unfinished, "wx", 0o600);
  const archive = new ArchiveWriter(handle);
  const { objects, leftOut } = await addObjects(archive, folder, copy);
  for (const path of await otherFiles(folder)) {
    await using file = await open(join(folder, path));
    const { size } = await file.stat();
    await archive.addStream(path, size, file.createReadStream({ autoClose: false }));
  }
  await archive.addStream(DATABASE_FILE, (await stat(copy)).size, createReadStream(copy));
  const end = { format: BACKUP_FORMAT, madeAt: new Date().toISOString(), objects };
  await archive.add(END_ENTRY, Buffer.from(JSON.stringify(end)));
  await archive.end();
  const { size: bytes } = await handle.stat();
  await rename(unfinished, target);
  await using parent = await open(dirname(target));
  await parent.sync();
  return { file: target, bytes, objects, leftOut };
}

/** One read transaction, which keeps no writer waiting. */
function takeSnapshot(from: string, to: string): void {
  using database = new DatabaseSync(from, { readOnly: true });
  database.prepare("VACUUM INTO ?").run(to);
}

async function addObjects(archive: ArchiveWriter, folder: string, copy: string) {
  using database = new DatabaseSync(copy);
  using live = new DatabaseSync(join(folder, DATABASE_FILE), { readOnly: true });
  const forget = database.prepare("DELETE FROM objects WHERE key = ?");
  const stillListed = live.prepare("SELECT 1 FROM objects WHERE key = ? AND removed_at_ms IS NULL");
  const all = [...listedMedia(database), ...listedImages(database)];
  const leftOut: string[] = [];
  let objects = 0;
  for (const [at, object] of all.entries()) {
    showProgress(at / all.length);
    const path = `${OBJECTS_FOLDER}/${object.key}`;
    const bytes = await readObject(join(folder, path), object);
    if (bytes !== undefined) {
      await archive.add(path, bytes);
      objects += 1;
      continue;
    }
    forget.run(object.key);
    const isOver = object.isMedia && stillListed.get(object.key) === undefined;
    if (!isOver) leftOut.push(object.key);
  }
  showProgress(1);
  return { objects, leftOut };
}

function listedMedia(database: DatabaseSync): ListedObject[] {
  const query = "SELECT key, bytes, sha256 FROM objects WHERE removed_at_ms IS NULL ORDER BY key";
  return database
    .prepare(query)
    .all()
    .map(({ key, sha256 }) => ({ key: String(key), sha256: String(sha256), isMedia: true }));
}

function listedImages(database: DatabaseSync): ListedObject[] {
  const rows = database.prepare("SELECT DISTINCT sha256 FROM releases").all();
  return rows.map(({ sha256 }) => ({
    key: imageKey(String(sha256)),
    sha256: String(sha256),
    isMedia: false,
  }));
}

/** Undefined when it is gone, or is not what it was. */
async function readObject(path: string, { sha256 }: ListedObject): Promise<Buffer | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return undefined;
  return createHash("sha256").update(bytes).digest("hex") === sha256 ? bytes : undefined;
}

/** Keys, certificates and settings: whatever lies in the folder beside the two stores. */
async function otherFiles(folder: string): Promise<string[]> {
  const isStore = (name: string) =>
    name === OBJECTS_FOLDER || name === LOCK_FILE || name.startsWith(DATABASE_FILE);
  const entries = (await disk.list(folder)).filter(({ name }) => !isStore(name));
  const files = await Promise.all(entries.map((entry) => filesOf(folder, entry)));
  return files.flat().filter((path) => !path.endsWith(".new"));
}

/** Links are not followed, as Node's own way would: they may lead round in a circle, or to all of this machine. */
async function filesOf(folder: string, { name, kind }: DiskEntry): Promise<string[]> {
  if (kind === "file") return [name];
  const below = join(folder, name);
  const files = await Promise.all((await disk.list(below)).map((entry) => filesOf(below, entry)));
  return files.flat().map((path) => join(name, path));
}

/** On a terminal only: elsewhere it would be lines of noise. */
function showProgress(fraction: number): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r${Math.floor(fraction * 100)} %${fraction === 1 ? "\n" : ""}`);
}

export function backedUpText({ file, bytes, objects, leftOut }: BackedUp): string {
  const lost = leftOut.map((key) => `left out ${key}: its bytes are gone or not what they were`);
  const size = (bytes / 1e6).toFixed(1);
  return [...lost, `${file}: ${objects} objects, ${size} MB, secrets included`].join("\n");
}
