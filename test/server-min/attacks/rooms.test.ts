import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { Background } from "../../../server-min/background.ts";
import { signRoomToken } from "../../../server-min/relay/room-token.ts";
import { Rooms } from "../../../server-min/relay/rooms.ts";
import { RoomSockets } from "../../../server-min/relay/websocket.ts";
import { joinRoomWith } from "../room-client.ts";
import { SettableClock } from "../server-fixture.ts";
import type { AttackedServer } from "./attacked-server.ts";
import { startAttacked } from "./attacked-server.ts";

/** What discovery gives a feeder for its room. */
async function roomToken({ url }: AttackedServer, token: string): Promise<string> {
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}/v1/discovery/feeder-1`, { headers });
  const { signal_ws } = (await answer.json()) as { signal_ws: string };
  return new URL(signal_ws).searchParams.get("token") ?? "";
}

async function operate({ url, cookie }: AttackedServer, method: string): Promise<string> {
  const init = { method, headers: { Cookie: cookie } };
  const answer = await fetch(`${url}/v1/devices/feeder-1/token`, init);
  return answer.status === 201 ? String((await answer.json()).token) : "";
}

async function refusalOf(server: AttackedServer, token: string): Promise<string> {
  const socket = new WebSocket(`${server.url.replace(/^http/, "ws")}/v1/ws?token=${token}`);
  onTestFinished(() => socket.terminate());
  const [code, reason] = await once(socket, "close");
  return `${code} ${reason}`;
}

test("a feeder that was revoked does not come back with the room's token that it still has", async () => {
  const server = await startAttacked();
  const token = await roomToken(server, server.token);
  const feeder = await joinRoomWith(server, token);
  const dismissed = once(feeder.socket, "close");
  await operate(server, "DELETE");
  await dismissed;
  expect(await refusalOf(server, token)).toBe("1008 token_revoked");

  const anew = await operate(server, "POST");
  expect(await refusalOf(server, token)).toBe("1008 token_revoked");
  const { socket } = await joinRoomWith(server, await roomToken(server, anew));
  expect(socket.readyState).toBe(WebSocket.OPEN);
});

test.each([
  ["lists", (levels: number) => "[".repeat(levels) + "]".repeat(levels)],
  ["objects", (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`],
])(
  "a message of %s in one another ends nobody's connection, and is not passed on",
  async (_, nest) => {
    const server = await startAttacked();
    const { socket, send, until } = await joinRoomWith(
      server,
      await roomToken(server, server.token),
    );
    for (const levels of [5_000, 10_000]) {
      socket.send(`{"type":"event.heartbeat","payload":{"config":${nest(levels)}}}`);
      expect((await until("error")).at(-1)).toMatchObject({ message: "invalid_json" });
    }
    // Brackets in a text are none.
    send({ type: "event.visit", bootId: "b", seq: 1, payload: { text: '["{'.repeat(2_000) } });
    await until("ack");
    const headers = { Authorization: `Bearer ${server.token}` };
    const body = `{"deviceId":"feeder-1","version":"1.0.0","status":${nest(10_000)}}`;
    const init = { method: "POST", headers, body };
    expect((await fetch(`${server.url}/v1/ota/heartbeat`, init)).status).toBe(400);
  },
);

test("a bug that one peer's message finds ends that connection and no other", async () => {
  const clock = new SettableClock();
  const bugs: unknown[] = [];
  const rooms = new Rooms(clock, "secret");
  rooms.listen((_, { type }) => {
    if (type === "event.bug") throw new Error("a bug");
  });
  const sockets = new RoomSockets({
    ...{ rooms, clock, background: new Background((error) => bugs.push(error)) },
    ...{ checkCaller: () => undefined, checkFeeder: async () => undefined },
  });
  const listening = createServer().listen(0, "127.0.0.1");
  await once(listening, "listening");
  listening.on("upgrade", (request, duplex, head) => sockets.upgrade(request, duplex, head));
  onTestFinished(async () => {
    sockets.terminateAll();
    await listening[Symbol.asyncDispose]();
  });
  const { port } = listening.address() as AddressInfo;
  const join = (deviceId: string) =>
    joinRoomWith(
      { url: `http://127.0.0.1:${port}` },
      signRoomToken(
        "secret",
        { role: "feeder", deviceId },
        { nowMs: clock.nowMs(), lifetimeSeconds: 60 },
      ),
    );
  const [one, other] = await Promise.all(["feeder-1", "feeder-2"].map(join));
  const closed = once(one?.socket ?? expect.fail("nobody joined"), "close");
  one?.send({ type: "event.bug" });
  expect((await closed)[0]).toBe(1011);
  other?.send({ type: "ping" });
  await other?.until("pong");
  expect(String(bugs)).toBe("Error: a bug");
});
