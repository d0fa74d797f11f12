import { once } from "node:events";
import { expect, test } from "vitest";
import type { AttackedServer } from "./attacked-server.ts";
import { dial, isServing, readAll, startAttacked } from "./attacked-server.ts";

/** The server's own patience is up to 15 s, and has to end by itself. */
const TIMEOUT_MS = 60_000;

test("a client that sends next to nothing is cut off, whatever it began, and others are served meanwhile", {
  timeout: TIMEOUT_MS,
}, async () => {
  const server = await startAttacked();
  const upload = await presign(server);
  const begun = {
    headers: "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    login: login("Content-Length: 50"),
    chunked: login("Transfer-Encoding: chunked"),
    upload: upload.begun,
  };
  const ends = Object.entries(begun).map(async ([what, bytes]) => {
    const socket = await dial(server);
    socket.write(bytes);
    return [what, String(await readAll(socket)).slice(0, 12)];
  });
  expect(await isServing(server)).toBe(true);
  const cut = "HTTP/1.1 408";
  expect(Object.fromEntries(await Promise.all(ends))).toEqual({
    ...{ headers: cut, login: cut, chunked: cut, upload: cut },
  });
  expect(await upload.stored()).toBe(404);
});

test("a thousand silent connections leave room for others", async () => {
  const server = await startAttacked();
  const sockets = await Promise.all(Array.from({ length: 1_000 }, () => dial(server)));
  for (const socket of sockets) socket.write("GET / HTTP/1.1\r\nHost: ");
  expect(await isServing(server)).toBe(true);
  const next = await dial(server);
  next.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  expect(String((await once(next, "data"))[0])).toMatch(/^HTTP\/1\.1 200 /);
});

function login(length: string): string {
  return `POST /v1/session HTTP/1.1\r\nHost: localhost\r\n${length}\r\n\r\n`;
}

async function presign({ url, token }: AttackedServer) {
  const body = JSON.stringify({ deviceId: "feeder-1", contentType: "image/jpeg", size: 100 });
  const headers = { Authorization: `Bearer ${token}` };
  const grant = await (
    await fetch(`${url}/v1/presign/put`, { method: "POST", headers, body })
  ).json();
  const head = [
    `PUT ${new URL(grant.uploadUrl).pathname} HTTP/1.1`,
    ...["Host: localhost", "Content-Type: image/jpeg", "Content-Length: 100"],
    `Authorization: ${grant.headers.Authorization}`,
  ];
  const stored = async () => (await fetch(`${url}/v1/objects/${grant.key}`, { headers })).status;
  return { begun: `${head.join("\r\n")}\r\n\r\nx`, stored };
}
