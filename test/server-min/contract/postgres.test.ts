import { once } from "node:events";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";
import { CompiledQuery } from "kysely";
import { expect, onTestFinished, test, vi } from "vitest";
import { openPostgres } from "../../../server-min/storage/postgres.ts";
import { freePort } from "../../services/free-port.ts";
import { makeFolder, start, tryStart } from "../started-server.ts";
import { askPostgres, describePostgres, makePostgresUrl, POSTGRES_URL } from "./databases.ts";

/** What the server says when it cannot have that database; never the password. */
async function refusalOf(url: string) {
  const { started, notices } = await tryStart({ database: { url } });
  expect(JSON.stringify([started, notices])).not.toContain("s3cret");
  return started;
}

test("a Postgres that is not there is said so at the start, and the data folder is free again", async () => {
  const port = await freePort();
  const url = `postgres://sky:s3cret@127.0.0.1:${port}/birds`;
  const dataDir = await makeFolder();
  const { started } = await tryStart({ database: { url }, dataDir });
  expect(started).toEqual({
    kind: "failed",
    reason: "database_unreachable",
    detail: expect.stringContaining(`127.0.0.1:${port}/birds: connect ECONNREFUSED`),
  });
  expect(JSON.stringify(started)).not.toContain("s3cret");
  await start({ dataDir });
});

test("a peer that hangs up before it spoke is no Postgres", async () => {
  const peer = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  peer.listen(0, "127.0.0.1");
  await once(peer, "listening");
  onTestFinished(() => void peer.close());
  const { port } = peer.address() as { port: number };
  expect(await refusalOf(`postgres://sky:s3cret@127.0.0.1:${port}/birds`)).toMatchObject({
    reason: "database_unreachable",
  });
});

/** Puts itself between the URL and what it named. */
async function breakableLine(url: URL) {
  const { hostname, port } = url;
  const sockets: Socket[] = [];
  const line = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.push(from);
      from.on("error", () => to.destroy()).pipe(to);
    }
  });
  line.listen(0, "127.0.0.1");
  await once(line, "listening");
  onTestFinished(() => void line.close());
  url.host = `127.0.0.1:${(line.address() as { port: number }).port}`;
  return {
    breakAll: () => {
      for (const socket of sockets) socket.destroy();
    },
    /** Those that are there now: nothing comes through, and nobody is told. */
    silenceAll: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}

describePostgres(() => {
  function at(change: (url: URL) => void): string {
    const url = new URL(POSTGRES_URL ?? "");
    change(url);
    return url.href;
  }

  test.each<[string, (url: URL) => void, string]>([
    ["a wrong password", (url) => (url.password = "s3cret-no"), "database_refused"],
    ["a database that is not there", (url) => (url.pathname = "/nests"), "database_refused"],
    [
      "a schema that is not there",
      (url) => url.searchParams.set("options", "-c search_path=nowhere"),
      "database_unusable",
    ],
  ])("%s is told apart at the start", async (_, change, reason) => {
    expect(await refusalOf(at(change))).toMatchObject({ kind: "failed", reason });
  });

  /** Connections of their own, for other tests have some to the same Postgres. */
  async function makeLosable(): Promise<string> {
    const url = new URL(await makePostgresUrl());
    url.searchParams.set("application_name", "to be lost");
    return url.href;
  }

  const LOSE =
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'to be lost'";

  test("a connection that is lost while nobody uses it is replaced", async () => {
    const server = await start({ database: { url: await makeLosable() } });
    const devices = async () => (await fetch(`${server.url}/v1/devices`)).status;
    expect(await devices()).toBe(200);
    const before = server.notices.length;
    const lost = await askPostgres(LOSE);
    expect(lost).toBeGreaterThan(0);
    await expect.poll(() => server.notices.length - before).toBe(lost);
    expect([await devices(), await devices()]).toEqual([200, 200]);
  });

  test.each(["a line that breaks", "a session that its operator ends"])(
    "%s under a query fails that query alone",
    async (what) => {
      const url = new URL(await makeLosable());
      const line = await breakableLine(url);
      const sql = await openPostgres(url.href, () => {});
      onTestFinished(() => sql.destroy());
      const name = url.searchParams.get("options");
      const outcome = sql.executeQuery(CompiledQuery.raw(`SELECT pg_sleep(60), '${name}'`)).then(
        () => "answered",
        (error: unknown) => error,
      );
      const asleep = `SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE
      'SELECT pg_sleep(60)%${name}%'`;
      while ((await askPostgres(asleep)) === 0);
      if (what.startsWith("a line")) line.breakAll();
      else await askPostgres(LOSE);
      expect(await outcome).toMatchObject({ name: "StoreUnavailable" });
      const { rows } = await sql.executeQuery(CompiledQuery.raw("SELECT 1 AS one"));
      expect(rows).toEqual([{ one: 1 }]);
    },
  );

  test("a line that falls silent is given up in twelve seconds, and the next query has another", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const url = new URL(await makePostgresUrl());
    const line = await breakableLine(url);
    const sql = await openPostgres(url.href, () => {});
    onTestFinished(() => sql.destroy());
    const ask = () => sql.executeQuery(CompiledQuery.raw("SELECT 1 AS one"));
    await ask();
    line.silenceAll();
    const outcome = sql
      .transaction()
      .execute((open) => open.executeQuery(CompiledQuery.raw("SELECT 1 AS one")))
      .then(
        () => "answered",
        (error: unknown) => error,
      );
    await vi.advanceTimersByTimeAsync(12_000);
    expect(await outcome).toMatchObject({ name: "StoreUnavailable" });
    expect((await ask()).rows).toEqual([{ one: 1 }]);
  });

  test("counts and sums are numbers", async () => {
    const sql = await openPostgres(await makePostgresUrl(), () => {});
    onTestFinished(() => sql.destroy());
    const counted =
      "SELECT count(*) AS count, sum(n) AS sum, max(n) AS max FROM (VALUES (3::bigint)) v (n)";
    const { rows } = await sql.executeQuery(CompiledQuery.raw(counted));
    expect(rows).toEqual([{ count: 1, sum: 3, max: 3 }]);
  });
});
