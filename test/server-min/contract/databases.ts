import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { Client } from "pg";
import { describe, onTestFinished } from "vitest";
import { openSqlite } from "../../../server-min/storage/node-sqlite.ts";
import { openPostgres } from "../../../server-min/storage/postgres.ts";
import type { Database } from "../../../server-min/storage/schema.ts";
import { openServer } from "../server-fixture.ts";
import { makeFolder } from "../started-server.ts";

/** A database of the test's own; opened again, it is as another process of the server has it. */
export interface TestDatabase {
  open(): Promise<Kysely<Database>>;
}

interface DatabaseProduct {
  readonly name: string;
  make(): Promise<TestDatabase>;
}

export const POSTGRES_URL = process.env.SKYFEEDER_TEST_POSTGRES;

/** The same tests over every database there is. */
export function describeDatabases(tests: (product: DatabaseProduct) => void): void {
  describe("SQLite", () => tests({ name: "SQLite", make: makeSqlite }));
  describePostgres(() => tests({ name: "Postgres", make: makePostgres }));
}

export function describePostgres(tests: () => void): void {
  describe.skipIf(POSTGRES_URL === undefined)(
    "Postgres (left out unless $SKYFEEDER_TEST_POSTGRES names one)",
    tests,
  );
}

async function makeSqlite(): Promise<TestDatabase> {
  const file = join(await makeFolder(), "skyfeeder.db");
  return { open: async () => closedAfterwards(openSqlite(file)) };
}

async function makePostgres(): Promise<TestDatabase> {
  const url = await makePostgresUrl();
  return { open: async () => closedAfterwards(await openPostgres(url, () => {})) };
}

/** Of a new schema, which is what another database would be, made ten times as fast. */
export async function makePostgresUrl(): Promise<string> {
  const schema = `skyfeeder_test_${randomBytes(8).toString("hex")}`;
  await askPostgres(`CREATE SCHEMA ${schema}`);
  onTestFinished(async () => void (await askPostgres(`DROP SCHEMA ${schema} CASCADE`)));
  const url = new URL(POSTGRES_URL ?? "");
  url.searchParams.set("options", `-c search_path=${schema}`);
  return url.href;
}

/** As its operator; answers how many rows came. */
export async function askPostgres(text: string): Promise<number> {
  const client = new Client({ connectionString: POSTGRES_URL });
  await client.connect();
  const { rowCount } = await client.query(text);
  await client.end();
  return rowCount ?? 0;
}

function closedAfterwards(sql: Kysely<Database>): Kysely<Database> {
  onTestFinished(() => sql.destroy());
  return sql;
}

/** A server on that database, which has finished what it does in the background before the test ends. */
export async function serverOn(
  database: TestDatabase,
  before: Parameters<typeof openServer>[0] = {},
) {
  const server = openServer({ ...before, sql: await database.open() });
  onTestFinished(() => server.background.idle());
  return server;
}
