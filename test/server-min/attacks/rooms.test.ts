import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { joinRoomWith } from "../room-client.ts";
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
