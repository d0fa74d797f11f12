import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { connect as connectTcp } from "node:net";
import { json } from "node:stream/consumers";
import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { ClientOptions } from "ws";
import { WebSocket } from "ws";
import { Background } from "../../server-min/background.ts";
import { loopbackGuard } from "../../server-min/machine/loopback-guard.ts";
import { signRoomToken } from "../../server-min/relay/room-token.ts";
import { Rooms } from "../../server-min/relay/rooms.ts";
import { RoomSockets } from "../../server-min/relay/websocket.ts";
import { NOON_MS, SettableClock } from "./server-fixture.ts";
import { start } from "./started-server.ts";

const LIFETIME = { nowMs: NOON_MS, lifetimeSeconds: 3600 };
const FEEDER = signRoomToken("secret", { role: "feeder", deviceId: "feeder-1" }, LIFETIME);
const VIEWER = signRoomToken("secret", { role: "viewer", rooms: ["*"] }, LIFETIME);

async function openRelay() {
  const clock = new SettableClock();
  const rooms = new Rooms(clock, "secret");
  const background = new Background((error) => expect.fail(String(error)));
  const checkCaller = loopbackGuard("http://127.0.0.1");
  const checkFeeder = async () => undefined;
  const sockets = new RoomSockets({ rooms, clock, background, checkCaller, checkFeeder });
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  server.on("upgrade", (request, duplex, head) => sockets.upgrade(request, duplex, head));
  onTestFinished(async () => {
    sockets.terminateAll();
    await server[Symbol.asyncDispose]();
  });
  const { port } = server.address() as AddressInfo;
  const connect = (path: string, protocols: string[] = [], options: ClientOptions = {}) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, options);
    onTestFinished(() => socket.terminate());
    return socket;
  };
  return { clock, rooms, background, connect, port };
}

async function nextMessage(socket: WebSocket): Promise<Record<string, unknown>> {
  const [data] = await once(socket, "message");
  return JSON.parse(String(data));
}

async function closeOf(socket: WebSocket): Promise<string> {
  const [code, reason] = await once(socket, "close");
  return `${code} ${reason}`;
}

/** Turns of the event loop until it is so, not time: the other end learns of a close a little later. */
async function turnsUntil(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100_000 && !isSo(); turn += 1) await setImmediate();
  expect(isSo()).toBe(true);
}

test.each([
  [`/v1/ws?token=${FEEDER}`, []],
  [`/?token=${FEEDER}`, []],
  ["/v1/ws", [FEEDER]],
  ["/", [FEEDER]],
])("a feeder joins on %s with subprotocols %j", async (path, protocols) => {
  const { connect } = await openRelay();
  const feeder = connect(path, protocols);
  expect(await nextMessage(feeder)).toMatchObject({ type: "system", deviceId: "feeder-1" });
  expect(feeder.protocol).toBe(protocols[0] ?? "");
});

test.each([
  ["/v1/ws", "1008 token_missing"],
  ["/?token=", "1008 token_missing"],
  ["/v1/ws?token=a.b.c", "1008 token_invalid"],
])("the address %s is closed with %s", async (path, close) => {
  const { connect, rooms } = await openRelay();
  expect(await closeOf(connect(path))).toBe(close);
  await turnsUntil(() => rooms.counters().totalClients === 0);
});

const HANDSHAKE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
};

test.each([
  ["on another path", "GET /v2", {}, 404, "not_found"],
  ["from a page of another site", "GET /v1/ws", { Origin: "https://a.example" }, 403, "forbidden"],
  ["by another name", "GET /v1/ws", { Host: "a.example" }, 403, "forbidden"],
  ["of version 7", "GET /v1/ws", { "Sec-WebSocket-Version": "7" }, 400, "invalid_request"],
  ["that posts", "POST /v1/ws", {}, 405, "method_not_allowed"],
])("a WebSocket %s is refused with a problem", async (_, target, headers, status, code) => {
  const { port, rooms } = await openRelay();
  const [method = "", path = ""] = target.split(" ");
  const asking = request({ port, method, path, headers: { ...HANDSHAKE, ...headers } }).end();
  const [answer] = await once(asking, "response");
  expect([answer.statusCode, await json(answer)]).toMatchObject([status, { status, code }]);
  expect(answer.headers["content-type"]).toBe("application/problem+json");
  expect(rooms.counters().totalClients).toBe(0);
});

test.each(["/nope", "/v1/ws"])("clients that reset an upgrade of %s hurt nobody", async (path) => {
  const server = await start();
  const { hostname, port } = new URL(server.url);
  const lines = [`GET ${path} HTTP/1.1`, `Host: ${hostname}`, "Connection: Upgrade"];
  for (let n = 0; n < 50; n += 1) {
    const socket = connectTcp(Number(port), hostname);
    await once(socket, "connect");
    socket.write(`${lines.join("\r\n")}\r\nUpgrade: websocket\r\n\r\n`);
    await setImmediate();
    socket.resetAndDestroy();
  }
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  expect(server.notices).toHaveLength(1);
});

test("messages cross the wire in order, text or binary", async () => {
  const { connect } = await openRelay();
  const viewer = connect(`/v1/ws?token=${VIEWER}`);
  await nextMessage(viewer);
  const feeder = connect(`/v1/ws?token=${FEEDER}`);
  await nextMessage(feeder);
  const received: unknown[] = [];
  const done = new Promise<void>((resolve) => {
    viewer.on("message", (data) => {
      const message = JSON.parse(data.toString());
      received.push(message.n);
      if (message.n === 99) resolve();
    });
  });
  for (let n = 0; n < 100; n += 1) {
    const text = JSON.stringify({ type: "event.visit", n });
    feeder.send(n % 2 === 0 ? text : Buffer.from(text));
  }
  await done;
  expect(received).toEqual(Array.from({ length: 100 }, (_, n) => n));
});

test("a message above 64 KiB closes its sender and nobody else", async () => {
  const { connect, rooms } = await openRelay();
  const viewer = connect(`/v1/ws?token=${VIEWER}`);
  const feeder = connect(`/v1/ws?token=${FEEDER}`);
  await Promise.all([nextMessage(viewer), nextMessage(feeder)]);
  feeder.send("x".repeat(64 * 1024 + 1));
  expect(await closeOf(feeder)).toMatch(/^1009/);
  await turnsUntil(() => rooms.counters().totalClients === 1);
  expect(rooms.counters()).toMatchObject({ totalClients: 1, messageCount: 0 });
});

test("a peer that answers pings stays, one that does not is dropped", async () => {
  const { connect, clock, rooms } = await openRelay();
  const alive = connect(`/v1/ws?token=${VIEWER}`);
  const dead = connect(`/v1/ws?token=${FEEDER}`, [], { autoPong: false });
  await Promise.all([nextMessage(alive), nextMessage(dead)]);
  for (let round = 1; round <= 2; round += 1) {
    const pinged = once(alive, "ping");
    const dropped = round === 2 ? closeOf(dead) : once(dead, "ping");
    clock.advance(30_000);
    await Promise.all([pinged, dropped]);
    // The answer to the ping is on its way; a round trip behind it says that it arrived.
    alive.send(`{"type":"ping"}`);
    await nextMessage(alive);
  }
  await turnsUntil(() => rooms.counters().totalClients === 1);
  expect(rooms.counters().rooms).toEqual([{ deviceId: "*", clients: 1 }]);
});

test("a viewer whose time is over is closed within half a minute, a feeder's token is for joining", async () => {
  const { connect, clock } = await openRelay();
  const short = { ...LIFETIME, lifetimeSeconds: 30 };
  const access = { role: "viewer", rooms: ["feeder-1"] } as const;
  const guest = connect(`/v1/ws?token=${signRoomToken("secret", access, short)}`);
  const viewer = connect(`/v1/ws?token=${VIEWER}`);
  const token = signRoomToken("secret", { role: "feeder", deviceId: "feeder-1" }, short);
  const feeder = connect(`/v1/ws?token=${token}`);
  await Promise.all([guest, viewer, feeder].map(nextMessage));
  const closed = closeOf(guest);
  clock.advance(30_000);
  expect(await closed).toBe("1008 token_expired");
  const heard = nextMessage(viewer);
  feeder.send(`{"type":"event.visit"}`);
  expect(await heard).toMatchObject({ type: "event.visit" });
});

test("a viewer that stops reading is dropped, and the others keep hearing", async () => {
  const { connect, rooms } = await openRelay();
  const slow = connect(`/v1/ws?token=${VIEWER}`);
  await nextMessage(slow);
  const quick = connect(`/v1/ws?token=${VIEWER}`);
  await nextMessage(quick);
  slow.pause();
  const text = "x".repeat(60_000);
  let sent = 0;
  while (rooms.counters().totalClients === 2 && sent < 2000) {
    rooms.publish("feeder-1", { type: "event.log", text });
    sent += 1;
    if (sent % 10 === 0) await nextMessage(quick);
    await setImmediate();
  }
  expect(rooms.counters().rooms).toEqual([{ deviceId: "*", clients: 1 }]);
  const heard = nextMessage(quick);
  rooms.publish("feeder-1", { type: "event.visit" });
  await heard;
});

test("while the database is behind, a flood waits in its sender, and none of it is lost", async () => {
  const { rooms, background, connect } = await openRelay();
  const database = Promise.withResolvers<void>();
  let taken = 0;
  rooms.listen(() => {
    taken += 1;
    background.run(() => database.promise);
  });
  const feeder = connect(`/v1/ws?token=${FEEDER}`);
  await nextMessage(feeder);
  const message = JSON.stringify({ type: "event.heartbeat", payload: "x".repeat(500) });
  const sent = 30_000;
  for (let n = 0; n < sent; n += 1) feeder.send(message);
  await turnsUntil(() => background.isBehind);
  for (let turn = 0; turn < 2_000; turn += 1) await setImmediate();
  // What was read in one go is all taken.
  expect(taken).toBeLessThan(2_000 + (64 * 1024) / message.length);
  expect(feeder.bufferedAmount).toBeGreaterThan(0);
  // Who is not a feeder that floods is read on: only whoever brings more waits.
  const viewer = connect(`/v1/ws?token=${VIEWER}`);
  expect(await nextMessage(viewer)).toMatchObject({ message: "connected" });

  database.resolve();
  await turnsUntil(() => taken === sent);
  await background.idle();
});
