import { once } from "node:events";
import { readdir, rename } from "node:fs/promises";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { Aedes } from "aedes";
import { expect, onTestFinished, test } from "vitest";
import { getJson, openServer } from "./server-fixture.ts";
import { makeFolder, start } from "./started-server.ts";

async function readiness(server: { readonly url: string }) {
  const answer = await fetch(`${server.url}/readyz`);
  return { status: answer.status, body: await answer.json() };
}

const READY = { status: 200, body: { status: "ready" } };

test("a server that has its stores is ready, and asking leaves nothing behind", async () => {
  const dataDir = await makeFolder();
  const server = await start({ dataDir });
  expect(await readiness(server)).toEqual(READY);
  expect(await readdir(join(dataDir, "objects", ".staging"))).toEqual([]);
});

test("without its folder a server is alive but not ready, says which, and gets over it", async () => {
  const dataDir = await makeFolder();
  const server = await start({ dataDir });
  const staging = join(dataDir, "objects", ".staging");
  await rename(staging, `${staging}-gone`);
  const { status, body } = await readiness(server);
  expect(status).toBe(503);
  expect(body).toMatchObject({ code: "not_ready", detail: "objects" });
  expect(JSON.stringify(body)).not.toContain(dataDir);
  await readiness(server);
  // The reason is for whoever runs the server, once.
  expect(server.notices.filter((notice) => notice.includes("ENOENT"))).toHaveLength(1);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  await rename(`${staging}-gone`, staging);
  expect(await readiness(server)).toEqual(READY);
});

test("without its database it is not ready", async () => {
  const server = openServer();
  await server.sql.destroy();
  expect(await getJson(server, "/readyz")).toMatchObject({
    status: 503,
    body: { code: "not_ready", detail: "database" },
  });
});

test("without the outside broker it serves on, and is not ready: the other servers hear nothing of it", async () => {
  const broker = await Aedes.createBroker();
  const sockets: Socket[] = [];
  const listen = async (port: number) => {
    const server = createServer(broker.handle).listen(port, "127.0.0.1");
    server.on("connection", (socket) => sockets.push(socket));
    await once(server, "listening");
    return server;
  };
  const first = await listen(0);
  const { port } = first.address() as AddressInfo;
  const server = await start({ mqtt: { url: `mqtt://127.0.0.1:${port}` } });
  const status = async () => (await readiness(server)).status;
  await expect.poll(status, { timeout: 10_000 }).toBe(200);

  first.close();
  for (const socket of sockets) socket.destroy();
  await expect.poll(status, { timeout: 10_000 }).toBe(503);
  expect((await readiness(server)).body).toMatchObject({ detail: "broker" });
  expect((await fetch(`${server.url}/v1/devices`)).status).toBe(200);

  const second = await listen(port);
  onTestFinished(async () => {
    await new Promise<void>((closed) => broker.close(closed));
    await second[Symbol.asyncDispose]();
  });
  await expect.poll(status, { timeout: 10_000 }).toBe(200);
});

test("what does not answer within two seconds is missing, and is asked once at a time", async () => {
  let asked = 0;
  const broker = () => {
    asked += 1;
    return new Promise<void>(() => {});
  };
  const server = openServer({ probes: new Map([["broker", broker]]) });
  const answers = [getJson(server, "/readyz"), getJson(server, "/readyz")];
  // The database has answered them before it answers these.
  await getJson(server, "/v1/devices");
  await getJson(server, "/v1/devices");
  expect(asked).toBe(1);
  server.clock.advance(2_000);
  for (const { status, body } of await Promise.all(answers)) {
    expect([status, body.detail]).toEqual([503, "broker"]);
  }
  expect(server.bugs).toEqual([new Error("broker: no answer in 2000 ms")]);
});
