export type SqlProduct = "sqlite" | "postgres";

/** SQLite's text, of which Postgres gets a translation; a text each where that is not enough. */
type Migration = string | Readonly<Record<SqlProduct, string>>;

/** Forward only: an entry is never edited once released, a change is a new entry at the end. */
const MIGRATIONS: readonly Migration[] = [
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
  {
    // A slot is a number or a word; Postgres has no column of any type, so it is JSON in both.
    sqlite: `UPDATE device_firmware SET slot =
       json_quote(CASE typeof(slot) WHEN 'real' THEN CAST(slot AS INTEGER) ELSE slot END)
       WHERE slot IS NOT NULL;`,
    // No server wrote another kind of slot there.
    postgres: "",
  },
  `CREATE TABLE mqtt_sessions (
     session_id TEXT PRIMARY KEY,
     filters TEXT NOT NULL,
     seen_at_ms INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE mqtt_queue (
     session_id TEXT NOT NULL,
     position INTEGER NOT NULL,
     topic TEXT NOT NULL,
     payload TEXT NOT NULL,
     queued_at_ms INTEGER NOT NULL,
     PRIMARY KEY (session_id, position)
   ) STRICT;
   CREATE TABLE kept_commands (
     device_id TEXT NOT NULL,
     name TEXT NOT NULL,
     message TEXT NOT NULL,
     kept_at_ms INTEGER NOT NULL,
     PRIMARY KEY (device_id, name)
   ) STRICT;`,
  `ALTER TABLE objects ADD COLUMN saved_at_ms INTEGER;
   ALTER TABLE objects ADD COLUMN removed_at_ms INTEGER;
   ALTER TABLE objects ADD COLUMN freed_at_ms INTEGER;
   CREATE INDEX objects_to_expire ON objects (kind, stored_at_ms)
     WHERE saved_at_ms IS NULL AND removed_at_ms IS NULL;
   CREATE INDEX objects_to_free ON objects (removed_at_ms)
     WHERE removed_at_ms IS NOT NULL AND freed_at_ms IS NULL;
   CREATE INDEX objects_to_forget ON objects (freed_at_ms) WHERE freed_at_ms IS NOT NULL;`,
  `CREATE TABLE config_versions (
     device_id TEXT NOT NULL,
     version INTEGER NOT NULL,
     settings TEXT NOT NULL,
     made_at_ms INTEGER NOT NULL,
     PRIMARY KEY (device_id, version)
   ) STRICT;
   CREATE TABLE config_reports (
     device_id TEXT PRIMARY KEY,
     status TEXT NOT NULL,
     version INTEGER NOT NULL,
     latest INTEGER NOT NULL,
     reason TEXT,
     detail TEXT,
     told_at_ms INTEGER NOT NULL
   ) STRICT;`,
  `ALTER TABLE devices ADD COLUMN told_name TEXT;
   ALTER TABLE devices ADD COLUMN given_name TEXT;`,
];

/** In this order: the first that fits a place is taken. */
const POSTGRES_WORDS: ReadonlyMap<string, string> = new Map([
  ["INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"],
  // Times in milliseconds have 41 bits.
  ["INTEGER", "BIGINT"],
  // SQLite's order, by bytes: the keys of versions and the names of objects are sorted by it.
  ["TEXT", 'TEXT COLLATE "C"'],
  ["ANY", 'TEXT COLLATE "C"'],
  ["STRICT", ""],
]);
const SQLITE_WORDS = new RegExp(`\\b(?:${[...POSTGRES_WORDS.keys()].join("|")})\\b`, "g");

/** A database made by a newer server: its tables are not ours to guess. */
export class NewerSchemaError extends Error {}

export const SCHEMA_VERSION = MIGRATIONS.length;

/** What is left to do in a database of this version, in order. */
export function migrationsAfter(version: number, product: SqlProduct): readonly string[] {
  if (version > SCHEMA_VERSION) {
    throw new NewerSchemaError(
      `the database has schema ${version}, this server knows ${SCHEMA_VERSION}`,
    );
  }
  return MIGRATIONS.slice(version).map((migration) => textFor(migration, product));
}

function textFor(migration: Migration, product: SqlProduct): string {
  if (typeof migration !== "string") return migration[product];
  if (product === "sqlite") return migration;
  return migration.replace(SQLITE_WORDS, (word) => POSTGRES_WORDS.get(word) ?? word);
}
