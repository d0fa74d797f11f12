import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import type { AttackedServer } from "./attacked-server.ts";
import { dial, isServing, readAll, request, send, startAttacked } from "./attacked-server.ts";

const MIB = 1024 * 1024;

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");
// The realms of simulated boards, which other files make in this process, are to have what XS has.
setFlagsFromString("--no-expose-gc");

/** What is held on to; the resident set also has what was let go of and not yet collected. */
function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe("a header bomb", () => {
  test.each([
    ["one header of 1 MiB", `X: ${"x".repeat(MIB)}\r\n`],
    ["a hundred thousand headers", "X: y\r\n".repeat(100_000)],
    ["a cookie of 1 MiB", `Cookie: ${"a=b; ".repeat(MIB / 5)}\r\n`],
  ])("of %s is refused, and others are served", async (_, headers) => {
    const server = await startAttacked();
    const answer = await send(
      server,
      `GET /v1/devices HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`,
    );
    // Whoever still writes when the server has closed may lose the answer.
    expect(answer).toMatch(/^(HTTP\/1\.1 431 |$)/);
    expect(await isServing(server)).toBe(true);
  });

  test("in the request line is refused", async () => {
    const server = await startAttacked();
    const answer = await send(
      server,
      `GET /${"x".repeat(MIB)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    );
    // Whoever still writes when the server has closed may lose the answer.
    expect(answer).toMatch(/^(HTTP\/1\.1 431 |$)/);
    expect(await isServing(server)).toBe(true);
  });
});

describe("a JSON bomb", () => {
  const LINE = "POST /v1/presign/put";

  test.each([
    ["nested as deep as it may be long", `${"[".repeat(32_000)}${"]".repeat(32_000)}`],
    ["of objects", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`],
    ["of ten thousand keys", `{${Array.from({ length: 7_000 }, (_, n) => `"${n}":1`).join()}}`],
    ["that makes a prototype", '{"__proto__":{"deviceId":"feeder-2"},"deviceId":"feeder-1"}'],
    ["of a number without end", `{"deviceId":${"9".repeat(60_000)}}`],
  ])("%s is answered like any wrong body", async (_, body) => {
    const server = await startAttacked();
    const { status } = await request(server, LINE, { body });
    expect(status).toBeLessThan(500);
    expect(await isServing(server)).toBe(true);
  });

  test("of 100 MB is not read", async () => {
    const server = await startAttacked();
    const headers = { "Content-Length": String(100 * MIB) };
    expect(await request(server, LINE, { headers })).toMatchObject({ status: 413 });
  });

  test("of a length that no timer counts to is refused like any other", async () => {
    const server = await startAttacked();
    const warnings: string[] = [];
    const note = ({ name }: Error) => void warnings.push(name);
    process.on("warning", note);
    onTestFinished(() => void process.off("warning", note));
    const headers = { "Content-Length": "99999999999999" };
    expect(await request(server, LINE, { headers })).toMatchObject({ status: 413 });
    expect(warnings).toEqual([]);
  });

  test("that does not tell its length is cut at 64 KiB", async () => {
    const server = await startAttacked();
    const socket = await dial(server);
    socket.write(
      `${LINE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${server.token}\r\n`,
    );
    socket.write("Transfer-Encoding: chunked\r\n\r\n");
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    for (let sent = 0; sent < 4; sent++) socket.write(chunk);
    const answer = once(socket, "data");
    expect(String(await answer)).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe("a WebSocket", () => {
  async function join(server: AttackedServer, token = server.token): Promise<WebSocket> {
    const headers = { Authorization: `Bearer ${token}` };
    const discovery = `${server.url}/v1/discovery/feeder-1`;
    const { signal_ws } = await (await fetch(discovery, { headers })).json();
    const socket = new WebSocket(signal_ws);
    socket.on("error", () => {});
    await once(socket, "open");
    return socket;
  }

  test("frame of 100 MB closes its sender before it was read", async () => {
    const server = await startAttacked();
    const socket = await join(server);
    const closed = once(socket, "close");
    socket.send(Buffer.alloc(100 * MIB), () => {});
    expect((await closed)[0]).toBe(1009);
    expect(await isServing(server)).toBe(true);
  });

  test("frame that only announces 2^63 bytes closes its sender", async () => {
    const server = await startAttacked();
    const { signal_ws } = await (
      await fetch(`${server.url}/v1/discovery/feeder-1`, {
        headers: { Authorization: `Bearer ${server.token}` },
      })
    ).json();
    const { pathname, search } = new URL(signal_ws);
    const socket = await dial(server);
    const key = randomBytes(16).toString("base64");
    const handshake = [
      `GET ${pathname}${search} HTTP/1.1`,
      ...["Host: localhost", "Upgrade: websocket", "Connection: Upgrade"],
      ...["Sec-WebSocket-Version: 13", `Sec-WebSocket-Key: ${key}`],
    ];
    socket.write(`${handshake.join("\r\n")}\r\n\r\n`);
    await once(socket, "data");
    socket.write(
      Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]),
    );
    await readAll(socket);
    expect(await isServing(server)).toBe(true);
  });

  test("without a token is closed, as is one of another server", async () => {
    const server = await startAttacked();
    for (const query of ["", "?token=x", `?token=${server.token}`]) {
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}/v1/ws${query}`);
      const [code] = await once(socket, "close");
      expect(code).toBe(1008);
    }
  });
});

test("a flood of messages neither holds up others nor fills memory", async () => {
  const server = await startAttacked();
  const headers = { Authorization: `Bearer ${server.token}` };
  const discovery = `${server.url}/v1/discovery/feeder-1`;
  const { signal_ws } = await (await fetch(discovery, { headers })).json();
  const [flooder, deaf] = [new WebSocket(signal_ws), new WebSocket(signal_ws)];
  await Promise.all([once(flooder, "open"), once(deaf, "open")]);
  // In the same room, and does not read: what is kept for it is bounded.
  deaf.pause();
  const before = heldBytes();
  const message = JSON.stringify({ type: "event.flood", payload: "x".repeat(10_000) });
  for (let sent = 0; sent < 20_000; sent++) {
    flooder.send(message);
    if (sent % 1_000 === 0) expect(await isServing(server)).toBe(true);
    while (flooder.bufferedAmount > MIB) await new Promise(setImmediate);
  }
  // 200 MB went through; some tens are on their way in this process, client and server.
  expect(heldBytes() - before).toBeLessThan(100 * MIB);
  flooder.terminate();
  deaf.terminate();
});
