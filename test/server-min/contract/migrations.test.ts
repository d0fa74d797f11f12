import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { gunzipSync } from "node:zlib";
import { CompiledQuery } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { SCHEMA_VERSION } from "../../../server-min/storage/migrations.ts";
import { openSqlite } from "../../../server-min/storage/node-sqlite.ts";
import { openPostgres } from "../../../server-min/storage/postgres.ts";
import { offeredVersion } from "../firmware-fixture.ts";
import { getJson, openServer, storePhoto } from "../server-fixture.ts";
import { makeFolder, tryStart } from "../started-server.ts";
import { askPostgres, describePostgres, makePostgresUrl } from "./databases.ts";

/** Written by the server that had schema 2: photos, releases of which one is blocked, and four devices. */
async function oldDatabase(): Promise<string> {
  const file = join(await makeFolder(), "skyfeeder.db");
  const packed = await readFile(new URL("schema-2.db.gz", import.meta.url));
  await writeFile(file, gunzipSync(packed));
  return file;
}

function schemaOf(file: string): unknown[] {
  using database = new DatabaseSync(file);
  return database.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY name").all();
}

test("a database of an older server goes on, with everything that was in it", async () => {
  const file = await oldDatabase();
  for (const _ of ["migrated", "opened again"]) {
    const sql = openSqlite(file);
    const server = openServer({ sql });
    const status = (await (await server.app.request("/v1/ota/status")).json()) as object[];
    expect(status).toMatchObject([
      { deviceId: "feeder-1", slot: 0, bootCount: 3, confirmed: true },
      { deviceId: "feeder-2", slot: "B", status: "rolled_back", reason: "self_test" },
      { deviceId: "feeder-3", slot: "0", bootCount: 1 },
      { deviceId: "feeder-4", slot: null },
    ]);
    const { body } = await getJson(server, "/v1/index/feeder-1/2026-05-01");
    expect(body.events).toMatchObject([{ id: "c1" }, { id: "c2" }]);
    expect((await getJson(server, "/v1/releases/1.1.0")).body).toMatchObject({
      notes: "Rotkehlchen, größer",
      blocked: { reason: "squeaks" },
    });
    expect(await offeredVersion(server)).toBe("1.0.0");
    expect((await storePhoto(server, { captureId: "c1" })).status).toBe(200);
    await server.background.idle();
    await sql.destroy();
  }
});

test("its tables end as those of a new one: no released migration was edited", async () => {
  const old = await oldDatabase();
  const fresh = join(await makeFolder(), "skyfeeder.db");
  for (const file of [old, fresh]) await openSqlite(file).destroy();
  expect(schemaOf(old)).toEqual(schemaOf(fresh));
});

const NEWER = `the database has schema ${SCHEMA_VERSION + 1}, this server knows ${SCHEMA_VERSION}`;

test("a database of a newer server is refused and left as it is", async () => {
  const dataDir = await makeFolder();
  const file = join(dataDir, "skyfeeder.db");
  await openSqlite(file).destroy();
  using database = new DatabaseSync(file);
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
  const { started } = await tryStart({ dataDir });
  expect(started).toMatchObject({
    reason: "database_newer",
    detail: expect.stringContaining(NEWER),
  });
  // Whoever refuses leaves no lock behind.
  database.exec("BEGIN EXCLUSIVE");
});

test("of several that open a database at once, one migrates and the others wait for it", async () => {
  const threads = 3;
  const file = join(await makeFolder(), "skyfeeder.db");
  const waiting = new Int32Array(new SharedArrayBuffer(4));
  const opened = Array.from({ length: threads }, async () => {
    const thread = new Worker(new URL("opening-thread.ts", import.meta.url), {
      workerData: { file, waiting, threads },
    });
    onTestFinished(() => void thread.terminate());
    return (await once(thread, "message"))[0];
  });
  expect(await Promise.all(opened)).toEqual(Array(threads).fill([SCHEMA_VERSION]));
});

describePostgres(() => {
  test("of several that open a database at once, one migrates and the others wait for it", async () => {
    const url = await makePostgresUrl();
    const opened = await Promise.all([1, 2, 3, 4].map(() => openPostgres(url, () => {})));
    const [first] = opened;
    const versions = await first?.executeQuery(CompiledQuery.raw("SELECT * FROM schema_version"));
    expect(versions?.rows).toEqual([{ version: SCHEMA_VERSION }]);
    await Promise.all(opened.map((sql) => sql.destroy()));
  });

  test("a database of a newer server is refused and left as it is", async () => {
    const url = await makePostgresUrl();
    await (await openPostgres(url, () => {})).destroy();
    const schema = /skyfeeder_test_\w+/.exec(url);
    await askPostgres(`UPDATE ${schema}.schema_version SET version = version + 1`);
    const { started } = await tryStart({ database: { url } });
    expect(started).toMatchObject({
      reason: "database_newer",
      detail: expect.stringContaining(NEWER),
    });
  });
});
