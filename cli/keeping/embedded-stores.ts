import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely, SqliteDialect } from "kysely";
import {
  DATABASE_FILE,
  holdLock,
  isLockHeld,
  LOCK_FILE,
  OBJECTS_FOLDER,
} from "../../server-min/machine/data-folder.ts";
import { disk } from "../../server-min/machine/disk.ts";
import type { ObjectStore } from "../../server-min/ports.ts";
import {
  lookIntoFolderObjects,
  openFolderObjects,
} from "../../server-min/storage/folder-objects.ts";
import { keepStatements, openSqlite } from "../../server-min/storage/node-sqlite.ts";
import type { Database } from "../../server-min/storage/schema.ts";
import { EXIT } from "../failure.ts";
import type { Failed, Outcome } from "../outcome.ts";
import { done, failed } from "../outcome.ts";

/** The database and the objects of a data folder, to look at or to mend. */
export interface EmbeddedStores {
  readonly folder: string;
  readonly sql: Kysely<Database>;
  readonly objects: ObjectStore;
  /** A server has them open, and goes on writing. */
  readonly isInUse: boolean;
  readonly hadDatabase: boolean;
  close(): Promise<void>;
}

const COMMAND = "npm run -s skyfeeder --";

/** Beside a server that may run: nothing is written. */
export async function openToLook(folder: string): Promise<Outcome<EmbeddedStores>> {
  const found = findFolder(folder);
  if (found.kind === "failed") return found;
  const { value: path } = found;
  const lockFile = join(path, LOCK_FILE);
  const lock = existsSync(lockFile) ? tryLock(lockFile) : done(undefined);
  // Only asked for, not kept: a server may start meanwhile.
  if (lock.kind === "done") lock.value?.close();
  const hadDatabase = existsSync(join(path, DATABASE_FILE));
  const database = lookIntoDatabase(path);
  if (database.kind === "failed") return database;
  const sql = database.value;
  return done({
    folder: path,
    sql,
    objects: lookIntoFolderObjects(disk, join(path, OBJECTS_FOLDER)),
    isInUse: lock.kind === "failed",
    hadDatabase,
    close: () => sql.destroy(),
  });
}

/** As the only one, like a server; a database that is missing is made. */
export async function openToMend(folder: string): Promise<Outcome<EmbeddedStores>> {
  const found = findFolder(folder);
  if (found.kind === "failed") return found;
  const { value: path } = found;
  const lock = tryLock(join(path, LOCK_FILE));
  if (lock.kind === "failed") return lock;
  const file = join(path, DATABASE_FILE);
  const hadDatabase = existsSync(file);
  // Opening writes, and on a damaged database every step may damage more.
  const sound = hadDatabase ? checkIntegrity(file) : done(undefined);
  const opened = sound.kind === "failed" ? sound : openOurs(file);
  if (opened.kind === "failed") {
    lock.value.close();
    return opened;
  }
  const sql = opened.value;
  const close = async () => {
    await sql.destroy();
    lock.value.close();
  };
  const objects = await openFolderObjects(disk, join(path, OBJECTS_FOLDER));
  return done({ folder: path, sql, objects, isInUse: false, hadDatabase, close });
}

/** Makes or migrates it; the failure says that it is not ours, or no database. */
export function openOurs(path: string): Outcome<Kysely<Database>> {
  try {
    return done(openSqlite(path));
  } catch (error) {
    return damaged(path, error);
  }
}

function findFolder(folder: string): Outcome<string> {
  const path = resolve(folder);
  const isOurs = [DATABASE_FILE, OBJECTS_FOLDER].some((name) => existsSync(join(path, name)));
  if (isOurs) return done(path);
  const hint = "name the folder that the server was started with: --data FOLDER";
  return failed("no_data", `${path} is no data folder of SkyFeeder`, hint, EXIT.notFound);
}

function tryLock(path: string): Outcome<DatabaseSync> {
  try {
    return done(holdLock(path));
  } catch (error) {
    if (!isLockHeld(error)) throw error;
    const hint = "stop the server first; without --repair it may run";
    return failed("data_dir_in_use", "a server has this folder open", hint, EXIT.failed);
  }
}

function lookIntoDatabase(folder: string): Outcome<Kysely<Database>> {
  const path = join(folder, DATABASE_FILE);
  // One that is missing is examined as what it is: without rows.
  if (!existsSync(path)) return openOurs(":memory:");
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const columns = database.prepare("PRAGMA table_info(objects)").all();
    if (columns.some(({ name }) => name === "freed_at_ms")) return done(asKysely(database));
    const hint = `${COMMAND} doctor --repair --data ${folder}`;
    return failed("old_database", "its database is of an older server", hint, EXIT.failed);
  } catch (error) {
    return damaged(path, error);
  }
}

function checkIntegrity(path: string): Outcome<undefined> {
  using database = new DatabaseSync(path, { readOnly: true });
  try {
    const [row] = database.prepare("PRAGMA integrity_check(1)").all();
    return row?.integrity_check === "ok" ? done(undefined) : damaged(path, row?.integrity_check);
  } catch (error) {
    return damaged(path, error);
  }
}

function asKysely(database: DatabaseSync): Kysely<Database> {
  const dialect = new SqliteDialect({ database: keepStatements(database) });
  return new Kysely<Database>({ dialect });
}

function damaged(path: string, error: unknown): Failed {
  const hint = "restore a backup; or move that file away, and doctor --repair makes one anew";
  return failed("database_damaged", `${path} is not usable: ${error}`, hint, EXIT.failed);
}
