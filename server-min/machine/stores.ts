import { join } from "node:path";
import type { Kysely } from "kysely";
import { DatabaseError } from "pg";
import type { ObjectStore } from "../ports.ts";
import { openFolderObjects } from "../storage/folder-objects.ts";
import { NewerSchemaError } from "../storage/migrations.ts";
import { openSqlite } from "../storage/node-sqlite.ts";
import { openPostgres } from "../storage/postgres.ts";
import type { Database } from "../storage/schema.ts";
import { StoreUnavailable } from "../storage/store-unavailable.ts";
import { disk } from "./disk.ts";
import type { BucketFailure } from "./open-bucket.ts";
import { openBucket } from "./open-bucket.ts";
import type { SettingsFile } from "./settings-file.ts";

export interface StoreSettings {
  /** A Postgres; undefined: SQLite, a file in the data folder. */
  readonly database?: { readonly url: string } | undefined;
  /** A bucket; undefined: files in the data folder. */
  readonly objects?: SettingsFile["objects"];
  /** Told of connections that were lost while nobody used them. */
  report(error: unknown): void;
}

export interface Stores {
  readonly sql: Kysely<Database>;
  readonly objects: ObjectStore;
  close(): Promise<void>;
}

export interface DatabaseFailure {
  readonly kind: "failed";
  readonly reason:
    | "database_unreachable"
    | "database_refused"
    | "database_newer"
    | "database_unusable";
  /** Without a password. */
  readonly detail: string;
}

export type StoreFailure = DatabaseFailure | BucketFailure;

export async function openStores(
  folder: string,
  settings: StoreSettings,
): Promise<Stores | StoreFailure> {
  const place = await openObjects(join(folder, "objects"), settings.objects);
  if (place.kind === "failed") return place;
  const sql = await openSql(join(folder, "skyfeeder.db"), settings);
  return "kind" in sql ? sql : { sql, objects: place.objects, close: () => sql.destroy() };
}

async function openObjects(folder: string, bucket: StoreSettings["objects"]) {
  if (bucket !== undefined) return openBucket(bucket);
  return { kind: "opened", objects: await openFolderObjects(disk, folder) } as const;
}

/** Many at once come to their writes within this time, and share a sync of the disk, which takes about as long. */
const GATHER_MS = 1;

function commitSoon(work: () => void): void {
  setTimeout(work, GATHER_MS);
}

async function openSql(
  file: string,
  { database, report }: StoreSettings,
): Promise<Kysely<Database> | DatabaseFailure> {
  if (database === undefined) return openSqlite(file, commitSoon);
  // The rest of the URL may hold a password.
  const { host, pathname } = new URL(database.url);
  return openPostgres(database.url, report).catch((error: unknown) => {
    const cause = error instanceof StoreUnavailable ? error.cause : error;
    return {
      kind: "failed",
      reason: reasonOf(cause),
      detail: `${host}${pathname}: ${textOf(cause)}`,
    };
  });
}

/** By SQLSTATE: class 28 is about who one is, 3D000 is a database that is not there. */
function reasonOf(error: unknown): DatabaseFailure["reason"] {
  if (error instanceof NewerSchemaError) return "database_newer";
  if (!(error instanceof DatabaseError)) return "database_unreachable";
  return /^(28|3D000)/.test(error.code ?? "") ? "database_refused" : "database_unusable";
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
