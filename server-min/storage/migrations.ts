import type { DatabaseSync } from "node:sqlite";

/** Forward only: an entry is never edited once released, a change is a new entry at the end. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE objects (
     key TEXT PRIMARY KEY,
     device_id TEXT NOT NULL,
     capture_id TEXT NOT NULL,
     kind TEXT NOT NULL,
     content_type TEXT NOT NULL,
     bytes INTEGER NOT NULL,
     sha256 TEXT NOT NULL,
     captured_at_ms INTEGER NOT NULL,
     day TEXT NOT NULL,
     stored_at_ms INTEGER NOT NULL,
     acked_at_ms INTEGER,
     UNIQUE (device_id, capture_id)
   ) STRICT;
   CREATE INDEX objects_by_day ON objects (device_id, day, captured_at_ms);
   CREATE INDEX objects_by_storage ON objects (stored_at_ms);
   CREATE TABLE devices (
     device_id TEXT PRIMARY KEY,
     last_seen_ms INTEGER NOT NULL
   ) STRICT;`,
];

/** Throws for a database made by a newer server: its tables are not ours to guess. */
export function migrate(database: DatabaseSync): void {
  const row = database.prepare("PRAGMA user_version").get();
  const version = Number(row?.user_version);
  if (version > MIGRATIONS.length) {
    throw new Error(`the database has schema ${version}, this server knows ${MIGRATIONS.length}`);
  }
  for (const [offset, migration] of MIGRATIONS.slice(version).entries()) {
    database.exec(`BEGIN; ${migration} PRAGMA user_version = ${version + offset + 1}; COMMIT;`);
  }
}
