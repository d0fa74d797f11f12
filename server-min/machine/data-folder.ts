import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SigningKey } from "../firmware/signing-key.ts";
import { makeSigningKey, readSigningKey } from "../firmware/signing-key.ts";
import { NewerSchemaError } from "../storage/migrations.ts";
import { disk } from "./disk.ts";
import { diskSpaceOf } from "./disk-space.ts";
import { makeFolders } from "./make-folders.ts";
import { writeSecretFile } from "./secret-file.ts";
import type { ServerSecrets } from "./server-secrets.ts";
import { loadSecrets } from "./server-secrets.ts";
import type { StoreFailure, StoreSettings, Stores } from "./stores.ts";
import { openStores } from "./stores.ts";

/** Everything a server keeps on disk, held by one process at a time. */
export interface DataFolder extends Omit<Stores, "close"> {
  readonly secrets: ServerSecrets;
  /** Undefined unless it was asked for. */
  readonly developmentKey: DevelopmentKey | undefined;
  close(): Promise<void>;
}

/** A key of this folder's own: only builds that were made for it trust it. */
interface DevelopmentKey {
  readonly key: SigningKey;
  readonly file: string;
  /** It did not exist before. */
  readonly isNew: boolean;
}

export type DataFolderFailure =
  | StoreFailure
  | {
      readonly kind: "failed";
      readonly reason: "data_dir_in_use" | "data_dir_unusable" | "database_missing";
      readonly detail: string;
    };

const SQLITE_BUSY = 5;
/** An empty database with its log, and the keys. */
const START_BYTES = 1024 * 1024;

/** The names in a data folder. */
export const DATABASE_FILE = "skyfeeder.db";
export const LOCK_FILE = "server.lock";
export const OBJECTS_FOLDER = "objects";

export async function openDataFolder(
  folder: string,
  options: StoreSettings & {
    readonly withDevelopmentKey: boolean;
    /** Of several processes that are one server: each takes what another gave out. */
    readonly secretsFile: string | undefined;
  },
): Promise<DataFolder | DataFolderFailure> {
  try {
    await makeFolder(resolve(folder));
    using untilFailure = new DisposableStack();
    const lock = untilFailure.use(holdLock(join(folder, LOCK_FILE)));
    if (options.database === undefined && lacksDatabase(folder)) {
      return { kind: "failed", reason: "database_missing", detail: "its photos are there" };
    }
    const secrets = loadSecrets(options.secretsFile ?? join(folder, "secrets.json"));
    const developmentKey = options.withDevelopmentKey
      ? loadDevelopmentKey(join(folder, "signing-key.pem"))
      : undefined;
    const stores = await openStores(folder, options);
    if ("kind" in stores) return stores;
    const close = async () => {
      await stores.close();
      lock.close();
    };
    untilFailure.move();
    return { ...stores, secrets, developmentKey, close };
  } catch (error) {
    return { kind: "failed", reason: reasonOf(error), detail: `${error}${roomWords(folder)}` };
  }
}

function reasonOf(error: unknown) {
  if (error instanceof NewerSchemaError) return "database_newer";
  return isLockHeld(error) ? "data_dir_in_use" : "data_dir_unusable";
}

/** SQLite's own words for a full disk are often "disk I/O error". */
function roomWords(folder: string): string {
  if (!existsSync(folder)) return "";
  const { freeBytes, totalBytes } = diskSpaceOf(folder);
  const isFull = totalBytes > 0 && freeBytes < START_BYTES;
  return isFull ? "; there is no room left on its disk" : "";
}

/** A folder is found by its name, which lives in the one above: a loss of power must not take it with all that is in it. */
async function makeFolder(folder: string): Promise<void> {
  for (const made of (await makeFolders(folder)).toReversed()) await disk.syncFolder(dirname(made));
}

/** An empty gallery would be no answer to that, and its first photo the end of what the files of the days remember. */
function lacksDatabase(folder: string): boolean {
  const media = ["photos", "clips"].map((kind) => join(folder, OBJECTS_FOLDER, kind));
  // An empty file is what a file system may leave of a database after a power cut; SQLite takes it for a new one.
  const { size = 0 } = statSync(join(folder, DATABASE_FILE), { throwIfNoEntry: false }) ?? {};
  return media.some((path) => existsSync(path)) && size === 0;
}

/** Node has no file locks, SQLite has: this one goes with the process, however it ends. */
export function holdLock(path: string): DatabaseSync {
  const lock = new DatabaseSync(path);
  lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;");
  return lock;
}

/** What `holdLock` throws while another process has it. */
export function isLockHeld(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}

function loadDevelopmentKey(file: string): DevelopmentKey {
  const isNew = !existsSync(file);
  if (isNew) writeSecretFile(file, makeSigningKey());
  const key = readSigningKey(readFileSync(file, "utf8"));
  if (key === undefined) throw new Error(`${file} holds no P-256 private key`);
  return { key, file, isNew };
}
