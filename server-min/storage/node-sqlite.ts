import type { SQLInputValue, StatementSync } from "node:sqlite";
import { DatabaseSync } from "node:sqlite";
import type { SqliteDatabase, SqliteStatement } from "kysely";
import { Kysely, SqliteDialect } from "kysely";
import type { Soon } from "./group-commit.ts";
import { GroupCommit } from "./group-commit.ts";
import { migrationsAfter, SCHEMA_VERSION } from "./migrations.ts";
import { runDirectly } from "./prepared-query.ts";
import type { Database } from "./schema.ts";

/** Another process may be at work on the tables of the same file. */
const BUSY_TIMEOUT_MS = 30_000;

/** Every query here is one of a few dozen texts; preparing each once makes it about 1.7 times as fast. */
const STATEMENTS_MAX = 500;

/** Opens and migrates; the path may be ":memory:". Throws when the file is no database of ours. */
export function openSqlite(path: string, commitSoon: Soon = queueMicrotask): Kysely<Database> {
  const file = openDatabase(path);
  const database = keepStatements(file);
  const sql = new Kysely<Database>({ dialect: new SqliteDialect({ database }) });
  const commits = new GroupCommit(file, commitSoon);
  const run = (text: string, parameters: readonly unknown[]) => {
    const statement = database.prepare(text);
    if (statement.reader) return statement.all(parameters);
    statement.run(parameters);
    return [];
  };
  runDirectly(sql, {
    run,
    runGrouped: (text, parameters) => commits.write(() => run(text, parameters)),
  });
  return sql;
}

/** The same without the query builder. */
export function openDatabase(path: string): DatabaseSync {
  using untilFailure = new DisposableStack();
  const database = untilFailure.use(new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS }));
  // FULL: a row that was answered for must survive a power cut, not only a crash of the process.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  migrate(database);
  untilFailure.move();
  return database;
}

/** All of it or nothing; whoever is not the first waits at BEGIN, and then finds it done. */
function migrate(database: DatabaseSync): void {
  database.exec("BEGIN IMMEDIATE");
  const row = database.prepare("PRAGMA user_version").get();
  for (const migration of migrationsAfter(Number(row?.user_version), "sqlite")) {
    database.exec(migration);
  }
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`);
}

/** The database as Kysely takes it. */
export function keepStatements(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  const prepare = (query: string): SqliteStatement => {
    const known = statements.get(query);
    if (known !== undefined) return known;
    const statement = adaptStatement(database.prepare(query));
    if (statements.size < STATEMENTS_MAX) statements.set(query, statement);
    return statement;
  };
  return { prepare, close: () => database.close() };
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...parameters.map(toSqlValue)),
    run: (parameters) => statement.run(...parameters.map(toSqlValue)),
    iterate: (parameters) => statement.iterate(...parameters.map(toSqlValue)),
  };
}

function toSqlValue(value: unknown): SQLInputValue {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  throw new TypeError(`no SQL value: ${typeof value}`);
}
