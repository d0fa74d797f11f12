import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder, start, tryStart } from "../started-server.ts";
import { askPostgres, describePostgres, makePostgresUrl, POSTGRES_URL } from "./databases.ts";

async function freePort(): Promise<number> {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((listening) => taken.on("listening", listening));
  const { port } = taken.address() as { port: number };
  await new Promise((closed) => taken.close(closed));
  return port;
}

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
  await new Promise((listening) => peer.on("listening", listening));
  onTestFinished(() => void peer.close());
  const { port } = peer.address() as { port: number };
  expect(await refusalOf(`postgres://sky:s3cret@127.0.0.1:${port}/birds`)).toMatchObject({
    reason: "database_unreachable",
  });
});

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

  test("a lost connection costs the query that was on it, and no more", async () => {
    const url = new URL(await makePostgresUrl());
    // Its own, for other tests have connections to the same Postgres.
    url.searchParams.set("application_name", "to be lost");
    const server = await start({ database: { url: url.href } });
    const devices = async () => (await fetch(`${server.url}/v1/devices`)).status;
    expect(await devices()).toBe(200);
    await askPostgres(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'to be lost'",
    );
    // The pool may hear of it after the next request has taken that connection.
    const statuses = [await devices(), await devices(), await devices()];
    expect(statuses.slice(1)).toEqual([200, 200]);
  });
});
