import { CompiledQuery, Kysely, PostgresDialect } from "kysely";
import type { PoolConfig } from "pg";
import { Pool, types } from "pg";
import { migrationsAfter, SCHEMA_VERSION } from "./migrations.ts";
import { tellUnavailable } from "./postgres-pool.ts";
import type { Database } from "./schema.ts";

/** Postgres serves 100 by default: several processes and an operator's tools have room beside each other. */
const CONNECTIONS_MAX = 10;
/** Also the wait for one of the above: whoever gets none by then is better off to come again. */
const CONNECT_TIMEOUT_MS = 5_000;
/** The longest query here takes some milliseconds. */
const STATEMENT_TIMEOUT_MS = 10_000;
/** Whoever does not even say that much is not there: without it, TCP would wait for a quarter of an hour. */
const ANSWER_TIMEOUT_MS = 12_000;
/** Any number, as long as it is every SkyFeeder's. */
const MIGRATION_LOCK = 7_203_918_845;

type Sql = Kysely<Database>;

/**
 * Opens and migrates. Rejects when the database cannot be had, with what the driver says. Commits are durable before
 * they are answered, as long as the database has its default (synchronous_commit = on).
 */
export async function openPostgres(
  url: string,
  report: (error: unknown) => void,
): Promise<Kysely<Database>> {
  // A migration, and the wait for another server's, may take any time.
  await using migrating = open(url, report, {});
  await migrate(migrating);
  return connectPostgres(url, report);
}

/** Without a look at what is there. */
export function connectPostgres(url: string, report: (error: unknown) => void): Sql {
  return open(url, report, { query_timeout: ANSWER_TIMEOUT_MS });
}

function open(url: string, report: (error: unknown) => void, options: PoolConfig): Sql {
  const pool = tellUnavailable(openPool(url, report, options));
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}

/**
 * Statements have no names of their own, although that would save their planning: a named one fails for ever in the
 * processes that still run when a newer server adds a column.
 */
function openPool(url: string, report: (error: unknown) => void, options: PoolConfig): Pool {
  const pool = new Pool({
    ...options,
    connectionString: url,
    application_name: "skyfeeder",
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser: numberParser },
  });
  // The pool replaces a lost connection by itself; one that nobody listens to would end the process.
  pool.on("error", report);
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** Counts and sums come as text, for they may be too large for a number; none of ours is. */
const numberParser: typeof types.getTypeParser = (oid, format) => {
  const isNumber = oid === types.builtins.INT8 || oid === types.builtins.NUMERIC;
  return isNumber ? Number : types.getTypeParser(oid, format);
};

/** All of it or nothing; whoever is not the first waits at the lock, and then finds it done. */
async function migrate(sql: Sql): Promise<void> {
  await sql.transaction().execute(async (transaction) => {
    const run = (text: string) =>
      transaction.executeQuery<{ version: number }>(CompiledQuery.raw(text));
    await run("SET LOCAL statement_timeout = 0");
    await run(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    await run("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)");
    const { rows } = await run("SELECT version FROM schema_version");
    const left = migrationsAfter(rows[0]?.version ?? 0, "postgres");
    if (left.length === 0) return;
    for (const migration of left) await run(migration);
    await run(`DELETE FROM schema_version; INSERT INTO schema_version VALUES (${SCHEMA_VERSION})`);
  });
}
