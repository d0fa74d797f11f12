import { once } from "node:events";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { RunningServer } from "../../server-min/node.ts";
import { beginUpload, makeFolder, presign, start } from "./started-server.ts";

/** Sends raw bytes and answers everything that came back until the server closed or answered whole. */
async function sendRaw(server: Pick<RunningServer, "url">, ...parts: string[]): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  let answer = "";
  socket.on("data", (data) => (answer += data));
  socket.on("error", () => {});
  for (const part of parts) socket.write(part);
  await once(socket, "close");
  return answer;
}

test.each([
  [
    "a chunked upload",
    411,
    "length_required",
    ["Transfer-Encoding: chunked"],
    "3\r\nabc\r\n0\r\n\r\n",
  ],
  ["an upload above the bound", 413, "body_too_large", ["Content-Length: 99999999"], "abc"],
])("%s is refused before its body is read", async (_, status, code, lines, body) => {
  const server = await start();
  const { uploadUrl, headers } = await presign(server);
  const { pathname } = new URL(uploadUrl);
  const head = [
    `PUT ${pathname} HTTP/1.1`,
    "Host: localhost",
    "Connection: close",
    `Authorization: ${headers.Authorization}`,
    "Content-Type: image/jpeg",
    ...lines,
  ];
  const answer = await sendRaw(server, `${head.join("\r\n")}\r\n\r\n`, body);
  expect(answer).toContain(`HTTP/1.1 ${status}`);
  expect(answer).toContain(code);
});

test("an upload that is cut off leaves nothing behind", async () => {
  const dataDir = await makeFolder();
  const server = await start({ dataDir });
  const { socket, key } = await beginUpload(server, 1000);
  socket.write("half");
  socket.destroy();
  await server.close();
  expect(await readdir(join(dataDir, "objects", ".staging"))).toEqual([]);
  const restarted = await start({ dataDir });
  expect((await fetch(`${restarted.url}/v1/objects/${key}`)).status).toBe(404);
  expect(server.notices.join()).not.toContain("Error");
});

const LONG = "x".repeat(20_000);
const UPLOAD = "POST /v1/presign/put HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";

test.each([
  ["headers above 16 KiB", 431, "header_too_large", `GET /healthz HTTP/1.1\r\nX-Bomb: ${LONG}\r\n`],
  ["an address above 16 KiB", 431, "header_too_large", `GET /${LONG} HTTP/1.1\r\n`],
  ["no HTTP", 400, "invalid_request", "hello\r\n"],
  ["two lengths", 400, "invalid_request", `${UPLOAD}Content-Length: 1\r\nContent-Length: 2\r\n`],
  ["no host", 400, "invalid_request", "GET /healthz HTTP/1.1\r\nConnection: close\r\n"],
  [
    "a host that is none",
    400,
    "invalid_request",
    "GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n",
  ],
  [
    "two hosts",
    400,
    "invalid_request",
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\nConnection: close\r\n",
  ],
  [
    "a long chunk extension",
    413,
    "body_too_large",
    `${UPLOAD}Transfer-Encoding: chunked\r\n\r\n1;${LONG}`,
  ],
])("a request with %s is refused with a problem", async (_, status, code, head) => {
  const server = await start();
  const answer = await sendRaw(server, `${head}\r\n`);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} .*application/problem\\+json`, "s"));
  expect(JSON.parse(answer.slice(answer.indexOf("{")))).toMatchObject({ status, code });
  expect(server.notices).toHaveLength(1);
});

test("a probe that speaks HTTP/1.0 need not name a host", async () => {
  const server = await start({ host: "0.0.0.0", insecure: true });
  expect(await sendRaw(server, "GET /healthz HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.1 200 /);
});

test("what cannot be read behind a request does not get into its answer", async () => {
  const server = await start();
  const { uploadUrl, headers, key } = await presign(server);
  const body = Buffer.alloc(4_000_000, "tit ");
  expect((await fetch(uploadUrl, { method: "PUT", headers, body })).status).toBe(200);
  const head = `GET /v1/objects/${key} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  socket.write(head);
  await once(socket, "readable");
  socket.write("hello\r\n\r\n");
  let answer = "";
  socket.on("data", (data) => (answer += data));
  await once(socket, "close");
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer).not.toContain("problem");
});

test("a client that offers HTTP/2 is served as one that does not", async () => {
  const server = await start();
  const answer = await sendRaw(
    server,
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings, close\r\n" +
      "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n",
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200 .*{"status":"ok"}$/s);
});

test("a client that hangs up in the middle of a request is nothing to report", async () => {
  const complain = vi.spyOn(console, "error");
  const server = await start();
  const { hostname, port } = new URL(server.url);
  for (const hangUp of ["destroy", "resetAndDestroy", "end"] as const) {
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    socket.write(`${UPLOAD}Expect: 100-continue\r\nContent-Length: 100\r\n\r\n`);
    await once(socket, "data");
    socket.write(`{"deviceId":`);
    socket[hangUp]();
    await once(socket.resume(), "close");
  }
  await server.close();
  expect(server.notices).toHaveLength(1);
  expect(complain).not.toHaveBeenCalled();
});

test("the page is served with its types, and only its files", async () => {
  const dashboardDir = await makeFolder();
  await mkdir(join(dashboardDir, "assets"));
  await writeFile(join(dashboardDir, "index.html"), "<title>SkyFeeder</title>");
  await writeFile(join(dashboardDir, "assets", "page-1a2b.js"), "1");
  await writeFile(join(dashboardDir, "..", "outside.txt"), "secret");
  onTestFinished(() => rm(join(dashboardDir, "..", "outside.txt")));
  const server = await start({ dashboardDir });
  const page = await fetch(`${server.url}/`);
  expect(page.headers.get("Content-Type")).toContain("text/html");
  expect(page.headers.get("Cache-Control")).toBe("no-cache");
  expect(await page.text()).toContain("SkyFeeder");
  const script = await fetch(`${server.url}/assets/page-1a2b.js`);
  expect(script.headers.get("Content-Type")).toContain("javascript");
  expect(script.headers.get("Cache-Control")).toContain("immutable");
  expect((await fetch(`${server.url}/devices`)).status).toBe(404);
  for (const path of [
    "/%2e%2e/outside.txt",
    "/..%2foutside.txt",
    "/%252e%252e/outside.txt",
    "/..\\outside.txt",
  ]) {
    const answer = await sendRaw(
      server,
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 40[04]/);
  }
  expect((await fetch(`${server.url}/v1/devices`)).headers.get("Content-Type")).toContain("json");
});

test("without a built page, the address says what to do", async () => {
  const server = await start({ dashboardDir: join(await makeFolder(), "none") });
  const answer = await fetch(server.url);
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("not built")]);
});

test("a fault of the disk is answered 500 and reported", async () => {
  const dataDir = await makeFolder();
  const server = await start({ dataDir });
  const { uploadUrl, headers } = await presign(server);
  await rm(join(dataDir, "objects", ".staging"), { recursive: true });
  const answer = await fetch(uploadUrl, { method: "PUT", headers, body: "photo" });
  expect([answer.status, await answer.json()]).toMatchObject([500, { code: "internal" }]);
  expect(server.notices[1]).toContain("ENOENT");
});
