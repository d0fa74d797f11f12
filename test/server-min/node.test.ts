import { once } from "node:events";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { beginHead, beginUpload, makeFolder, presign, start, tryStart } from "./started-server.ts";

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

const ADDRESSES = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);

test.each([
  ["0.0.0.0", "localhost"],
  ["127.0.0.1", "127.0.0.1"],
  ["localhost", "localhost"],
  // A machine without a network has no other, and one without IPv6 has none of the rest.
  ...ADDRESSES.filter(({ family, internal }) => family === "IPv4" && !internal).map(
    ({ address }) => [address, address],
  ),
  ...ADDRESSES.filter(({ address }) => address === "::1").flatMap(() => [
    ["::", "localhost"],
    ["::1", "[::1]"],
  ]),
])("a server on %s is found at %s", async (host, name) => {
  const { url, publicUrl } = await start({ host: String(host), insecure: true });
  expect(url).toBe(`http://${name}:${new URL(url).port}`);
  expect(publicUrl).toBe(url);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test("the public URL is told back as the server uses it", async () => {
  const { publicUrl, url } = await start({ publicUrl: "HTTP://Feeders.Example/birds//" });
  expect(publicUrl).toBe("http://feeders.example/birds");
  const { api_base } = await (await fetch(`${url}/v1/discovery/feeder-1`)).json();
  expect(api_base).toBe(publicUrl);
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

/** A page whose machine sleeps: it does not answer the close. */
async function joinMute(server: { readonly url: string }): Promise<WebSocket> {
  const viewer = await (await fetch(`${server.url}/v1/viewer-token`, { method: "POST" })).json();
  const mute = new WebSocket(viewer.signal_ws);
  await once(mute, "message");
  mute.pause();
  return mute;
}

/** Turns of the event loop, not time: in 5 to 15 s Node would cut it, whatever we do. */
async function turnsUntilCut(connection: Socket): Promise<void> {
  for (let turn = 0; turn < 100_000 && !connection.destroyed; turn += 1) await setImmediate();
  expect(connection.destroyed).toBe(true);
}

/** Closes the server on a clock of the test's: this connection is cut, and all is over, at that time and not before. */
async function closesAfter(
  limitMs: number,
  server: Awaited<ReturnType<typeof start>>,
  cut: Socket,
): Promise<void> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const closing = Promise.all([once(cut, "close"), server.close()]);
  await vi.advanceTimersByTimeAsync(limitMs - 1);
  // Some turns of the event loop, in which it could end.
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  expect(cut.destroyed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await turnsUntilCut(cut);
  await closing;
  vi.useRealTimers();
}

test("closing ends after a second and a half, whoever stays without an upload", async () => {
  const server = await start();
  const { port } = new URL(server.url);
  const mute = await joinMute(server);
  const halfOpen = connect({ port: Number(port), host: "127.0.0.1", allowHalfOpen: true });
  halfOpen.write(
    "GET /nope HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  );
  await once(halfOpen, "data");
  const slowHead = await beginHead(server, "GET /healthz HTTP/1.1\r\nHost: ");

  await closesAfter(1_500, server, slowHead);
  mute.terminate();
  halfOpen.destroy();
});

test("an upload may take longer than all the rest, and nothing new comes in meanwhile", async () => {
  const server = await start();
  const { socket: upload } = await beginUpload(server, 8);
  upload.write("half");
  const { socket: other } = await beginUpload(server, 4, "c2");
  const slowHead = await beginHead(server, "GET /healthz HTTP/1.1\r\nHost: ");

  const closing = server.close();
  expect(server.notices.at(-1)).toBe("Stopping when 2 under way are done, in 10 s at most.");
  await once(slowHead, "close");
  other.write("done");
  const [stored] = await once(other, "data");
  expect(String(stored)).toMatch(/^HTTP\/1\.1 200.*connection: close/is);
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  upload.write("more");
  const [answer] = await once(upload, "data");
  expect(String(answer)).toMatch(/^HTTP\/1\.1 200.*connection: close/is);
  await closing;
});

test("a download that has begun is brought to its end, and nothing is waited for behind it", async () => {
  const server = await start();
  const { uploadUrl, headers, key } = await presign(server);
  const body = Buffer.alloc(4_000_000, "tit ");
  expect((await fetch(uploadUrl, { method: "PUT", headers, body })).status).toBe(200);
  const reader = connect(Number(new URL(server.url).port), "127.0.0.1");
  reader.write(`GET /v1/objects/${key} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  await once(reader, "readable");

  const closing = server.close();
  await new Promise<void>((resolve) => {
    let read = 0;
    reader.on("data", (bytes) => {
      read += bytes.length;
      if (read > body.length) resolve();
    });
  });
  await turnsUntilCut(reader);
  await closing;
});

test("a connection from before the stop brings no new request", async () => {
  const server = await start();
  const late = await beginHead(server, "GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  const closing = server.close();
  late.write("\r\n");
  const [answer] = await once(late, "data");
  expect(String(answer)).toMatch(/^HTTP\/1\.1 503.*connection: close.*shutting_down/is);
  await closing;
});

test("an upload that does not end is cut after ten seconds", async () => {
  const dataDir = await makeFolder();
  const server = await start({ dataDir });
  const { socket: upload, key } = await beginUpload(server, 8);
  upload.write("half");
  await closesAfter(10_000, server, upload);
  const restarted = await start({ dataDir });
  expect((await fetch(`${restarted.url}/v1/objects/${key}`)).status).toBe(404);
});
