import type { World } from "../../host-sim/world.ts";
import { createApp } from "../../server-min/app.ts";
import { Background } from "../../server-min/background.ts";
import type { SigningKey } from "../../server-min/firmware/signing-key.ts";
import { Rooms } from "../../server-min/relay/rooms.ts";
import { MemoryObjects } from "../../server-min/storage/memory-objects.ts";
import { openSqlite } from "../../server-min/storage/node-sqlite.ts";

export const SERVER_URL = "http://server.test";
const RELAY_SECRET = "dev-only";

/** The real server inside a virtual world: its clock and its dice are the world's, its storage is memory. */
export function startVirtualServer(world: World, signingKey: SigningKey | undefined) {
  const clock = { nowMs: () => world.wallClockMs(), after: world.after.bind(world) };
  const chance = world.random("server");
  const rooms = new Rooms(clock, RELAY_SECRET);
  const app = createApp({
    clock,
    random: { bytes: (length) => Uint8Array.from({ length }, () => Math.floor(chance() * 256)) },
    sql: openSqlite(":memory:"),
    objects: new MemoryObjects(),
    rooms,
    background: new Background((error) => world.fail(error)),
    settings: {
      publicUrl: SERVER_URL,
      relaySecret: RELAY_SECRET,
      uploadSecret: "upload-secret",
      signingKey,
      testRoutes: true,
    },
    report: (error) => world.fail(error),
  });
  const fetch = async (request: Request): Promise<Response> => app.fetch(request);
  return {
    fetch,
    rooms,
    ask: (path: string, init?: RequestInit) => fetch(new Request(`${SERVER_URL}${path}`, init)),
  };
}

export type VirtualServer = ReturnType<typeof startVirtualServer>;

/** What a viewer in the rooms hears, and when. */
export interface Heard {
  readonly atMs: number;
  readonly message: Record<string, unknown>;
}

export async function listenIn(world: World, server: VirtualServer): Promise<Heard[]> {
  const answer = await server.ask("/v1/viewer-token", { method: "POST" });
  const { token } = (await answer.json()) as { token: string };
  const heard: Heard[] = [];
  server.rooms.join(token, {
    send: (text) => heard.push({ atMs: world.nowMs, message: JSON.parse(text) }),
    close: () => {},
  });
  return heard;
}
