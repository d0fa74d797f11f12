import { once } from "node:events";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { beginUpload, makeFolder, presign, start, tryStart } from "./started-server.ts";

test("a photo crosses the wire and survives a restart, with its permission", async () => {
  const dataDir = await makeFolder();
  const server = await start({ dataDir });
  const { uploadUrl, headers, key } = await presign(server);
  expect(uploadUrl.startsWith(`${server.url}/fput/`)).toBe(true);
  const body = Buffer.alloc(300_000, "tit ");
  expect((await fetch(uploadUrl, { method: "PUT", headers, body })).status).toBe(200);
  await server.close();

  const restarted = await start({ dataDir });
  const fetched = await fetch(`${restarted.url}/v1/objects/${key}`);
  expect(Buffer.from(await fetched.arrayBuffer())).toEqual(body);
  const ranged = await fetch(`${restarted.url}/v1/objects/${key}`, {
    headers: { Range: "bytes=-4" },
  });
  expect([ranged.status, await ranged.text()]).toEqual([206, "tit "]);
  const path = new URL(uploadUrl).pathname;
  const again = await fetch(`${restarted.url}${path}`, { method: "PUT", headers, body });
  expect([again.status, restarted.notices.length]).toEqual([200, 1]);
});

test("secrets are made once and only their owner may read them", async () => {
  const dataDir = await makeFolder();
  const secrets = join(dataDir, "secrets.json");
  await (await start({ dataDir })).close();
  const made = await readFile(secrets, "utf8");
  expect((await stat(secrets)).mode & 0o777).toBe(0o600);
  await (await start({ dataDir })).close();
  expect(await readFile(secrets, "utf8")).toBe(made);
});

test("a port that is taken is a reason, also for the second port", async () => {
  const { url } = await start();
  const port = Number(new URL(url).port);
  const taken = { kind: "failed", reason: "port_taken", port };
  const dataDir = await makeFolder();
  expect((await tryStart({ dataDir, port })).started).toMatchObject(taken);
  expect((await tryStart({ dataDir, alsoListen: [port] })).started).toMatchObject(taken);
  // What it had taken by then is free again.
  await start({ dataDir });
});

test("a data folder belongs to one server at a time", async () => {
  const dataDir = await makeFolder();
  const first = await start({ dataDir });
  expect((await tryStart({ dataDir })).started).toMatchObject({ reason: "data_dir_in_use" });
  await first.close();
  await start({ dataDir });
});

test.each([
  ["a file in its place", (dataDir: string) => writeFile(dataDir, "")],
  ["unreadable secrets", (dataDir: string) => writeIn(dataDir, "secrets.json", "{}")],
  [
    "a database that is none",
    (dataDir: string) => writeIn(dataDir, "skyfeeder.db", "x".repeat(500)),
  ],
])("a data folder with %s is a reason", async (_, spoil) => {
  const dataDir = join(await makeFolder(), "data");
  await spoil(dataDir);
  for (const _ of ["the first time", "and again"]) {
    expect((await tryStart({ dataDir })).started).toMatchObject({ reason: "data_dir_unusable" });
  }
});

async function writeIn(folder: string, name: string, text: string) {
  await mkdir(folder);
  await writeFile(join(folder, name), text);
}

test("the whole network is served only when told so, and then with warnings", async () => {
  expect((await tryStart({ host: "0.0.0.0" })).started).toMatchObject({ reason: "insecure_bind" });
  const open = await start({ host: "0.0.0.0", insecure: true });
  expect(open.notices).toEqual([
    expect.stringContaining("Insecure"),
    expect.stringContaining("only this machine"),
  ]);
  expect((await fetch(`${open.url}/v1/test/faults`)).status).toBe(404);
  const named = await start({
    host: "0.0.0.0",
    insecure: true,
    publicUrl: "https://feeders.example/",
  });
  expect(named.notices).toHaveLength(1);
  const { uploadUrl } = await presign(named);
  expect(uploadUrl.startsWith("https://feeders.example/fput/")).toBe(true);
});

test.each(["feeders.example", "ftp://feeders.example", ""])(
  "%j is no public URL",
  async (publicUrl) => {
    expect((await tryStart({ publicUrl })).started).toMatchObject({ reason: "bad_public_url" });
  },
);

test("other ports are the same server", async () => {
  const spare = await start();
  await spare.close();
  const port = Number(new URL(spare.url).port);
  const server = await start({ alsoListen: [port] });
  const discovery = await (await fetch(`${spare.url}/v1/discovery/feeder-1`)).json();
  expect(discovery.api_base).toBe(server.url);
  const { search } = new URL(discovery.signal_ws);
  const feeder = new WebSocket(`ws://127.0.0.1:${port}/${search}`);
  const [greeting] = await once(feeder, "message");
  expect(JSON.parse(String(greeting))).toMatchObject({ deviceId: "feeder-1" });
  feeder.terminate();
});

test("closing tells the WebSockets, and lets an upload that has begun finish", async () => {
  const server = await start();
  const viewer = await (await fetch(`${server.url}/v1/viewer-token`, { method: "POST" })).json();
  const socket = new WebSocket(viewer.signal_ws);
  await once(socket, "message");
  const { socket: upload } = await beginUpload(server, 8);
  upload.write("half");

  const closed = once(socket, "close");
  const closing = server.close();
  const [code, reason] = await closed;
  expect(`${code} ${reason}`).toBe("1001 server_closing");
  upload.write("more");
  const [answer] = await once(upload, "data");
  expect(String(answer)).toMatch(/^HTTP\/1\.1 200.*connection: close/is);
  await closing;
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
});

test("closing waits two seconds at most", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const server = await start();
  const { socket } = await beginUpload(server, 8);
  const cut = once(socket, "close");
  const closing = server.close();
  vi.advanceTimersByTime(1_999);
  expect(socket.closed).toBe(false);
  vi.advanceTimersByTime(1);
  await Promise.all([cut, closing]);
});
