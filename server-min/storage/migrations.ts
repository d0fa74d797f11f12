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
  `CREATE TABLE releases (
     version TEXT PRIMARY KEY,
     sort_key TEXT NOT NULL,
     product TEXT NOT NULL,
     board TEXT NOT NULL,
     chip TEXT NOT NULL,
     channel TEXT NOT NULL,
     bytes INTEGER NOT NULL,
     sha256 TEXT NOT NULL,
     elf_sha256 TEXT NOT NULL,
     minimum_version TEXT NOT NULL,
     notes TEXT NOT NULL,
     published_at_ms INTEGER NOT NULL,
     blocked_at_ms INTEGER,
     block_reason TEXT,
     sequence INTEGER NOT NULL UNIQUE,
     issued_at_ms INTEGER NOT NULL,
     expires_at_ms INTEGER NOT NULL,
     kid TEXT NOT NULL,
     jws TEXT NOT NULL
   ) STRICT;
   CREATE INDEX releases_by_precedence ON releases (product, board, chip, sort_key);
   CREATE TABLE release_sequences (
     sequence INTEGER PRIMARY KEY AUTOINCREMENT,
     version TEXT NOT NULL,
     taken_at_ms INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE device_firmware (
     device_id TEXT PRIMARY KEY,
     version TEXT,
     elf_sha256 TEXT,
     previous_elf_sha256 TEXT,
     board TEXT,
     chip TEXT,
     channel TEXT,
     slot ANY,
     slot_bytes INTEGER,
     other_slot_bytes INTEGER,
     sequence INTEGER,
     ledger TEXT,
     boot_count INTEGER,
     boot_count_before INTEGER,
     confirmed INTEGER,
     status TEXT,
     reason TEXT,
     update_version TEXT,
     safe_mode TEXT,
     told_at_ms INTEGER,
     checked_at_ms INTEGER,
     target_version TEXT
   ) STRICT;
   CREATE TABLE firmware_log (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     at_ms INTEGER NOT NULL,
     device_id TEXT,
     kind TEXT NOT NULL,
     version TEXT NOT NULL,
     http_status INTEGER,
     first_byte INTEGER,
     last_byte INTEGER,
     report_id TEXT,
     elf_sha256 TEXT,
     sequence INTEGER,
     status TEXT,
     error TEXT,
     UNIQUE (device_id, report_id)
   ) STRICT;
   CREATE INDEX firmware_log_by_device ON firmware_log (device_id, id);`,
  `CREATE TABLE sessions (
     token_sha256 TEXT PRIMARY KEY,
     name TEXT NOT NULL,
     created_at_ms INTEGER NOT NULL,
     expires_at_ms INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE api_keys (
     id TEXT PRIMARY KEY,
     name TEXT NOT NULL UNIQUE,
     key_sha256 TEXT NOT NULL,
     created_at_ms INTEGER NOT NULL,
     revoked_at_ms INTEGER
   ) STRICT;
   CREATE TABLE enrolments (
     device_code_sha256 TEXT PRIMARY KEY,
     device_id TEXT NOT NULL,
     claim_code TEXT NOT NULL UNIQUE,
     address TEXT NOT NULL,
     requested_at_ms INTEGER NOT NULL,
     expires_at_ms INTEGER NOT NULL,
     decision TEXT
   ) STRICT;
   CREATE TABLE device_access (
     device_id TEXT PRIMARY KEY,
     tokens_from_ms INTEGER NOT NULL,
     revoked_at_ms INTEGER
   ) STRICT;
   CREATE TABLE audit_log (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     at_ms INTEGER NOT NULL,
     who TEXT NOT NULL,
     action TEXT NOT NULL,
     target TEXT NOT NULL,
     before TEXT,
     after TEXT
   ) STRICT;`,
  `CREATE TABLE pending_uploads (
     key TEXT PRIMARY KEY,
     device_id TEXT NOT NULL,
     capture_id TEXT NOT NULL,
     kind TEXT NOT NULL,
     content_type TEXT NOT NULL,
     bytes INTEGER NOT NULL,
     sha256 TEXT NOT NULL,
     captured_at_ms INTEGER NOT NULL,
     expires_at_ms INTEGER NOT NULL,
     UNIQUE (device_id, capture_id)
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
