import { createHash } from "node:crypto";
import type { Hono } from "hono";
import { parseRecord } from "../../protocol/json.ts";
import type { PresignPutAnswer } from "../../protocol/presign.ts";
import { parsePresignPutAnswer } from "../../protocol/presign.ts";
import { createApp } from "../../server-min/app.ts";
import { Background } from "../../server-min/background.ts";
import type { SigningKey } from "../../server-min/firmware/signing-key.ts";
import { ServerMetrics } from "../../server-min/metrics/server-metrics.ts";
import type { AppPorts, Clock, Simulation } from "../../server-min/ports.ts";
import type { Peer } from "../../server-min/relay/peer.ts";
import { signRoomToken } from "../../server-min/relay/room-token.ts";
import type { Member } from "../../server-min/relay/rooms.ts";
import { Rooms } from "../../server-min/relay/rooms.ts";
import type { AnsweredRequest } from "../../server-min/requests/request-watch.ts";
import type { Retention } from "../../server-min/settings.ts";
import { USUAL_RETENTION } from "../../server-min/settings.ts";
import { MemoryObjects } from "../../server-min/storage/memory-objects.ts";
import { openSqlite } from "../../server-min/storage/node-sqlite.ts";
import { RELEASE_KEY } from "../release-key.ts";

export const NOON_MS = Date.parse("2026-05-01T12:00:00Z");
export const PUBLIC_URL = "https://feeders.example";

/** A clock that stands still until a test moves it, and then calls back in order. */
export class SettableClock implements Clock {
  #nowMs = NOON_MS;
  #due: { atMs: number; elapsed: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, elapsed: () => void): void {
    this.#due.push({ atMs: this.#nowMs + delayMs, elapsed });
  }

  advance(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      const next = this.#due.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#due = this.#due.filter((due) => due !== next);
      this.#nowMs = next.atMs;
      next.elapsed();
    }
    this.#nowMs = endMs;
  }
}

export interface TestServer {
  readonly app: Hono;
  readonly clock: SettableClock;
  readonly rooms: Rooms;
  readonly background: Background;
  readonly objects: MemoryObjects;
  readonly sql: ReturnType<typeof openSqlite>;
  /** What reached the top as a bug. */
  readonly bugs: unknown[];
  readonly answered: readonly AnsweredRequest[];
  readonly notices: string[];
  /** What the disk says of itself; tests set it. */
  readonly disk: { freeBytes: number; totalBytes: number };
  /** The next draws of the server's randomness, as numbers in [0, 1); never the same twice when used up. */
  readonly draws: number[];
}

const RELAY_SECRET = "relay secret";

/** A server on a database and objects that may come from one before it. */
export function openServer(
  before: Partial<Pick<TestServer, "sql" | "objects" | "clock">> & {
    readonly signingKey?: SigningKey | undefined;
    readonly adminPasswordHash?: string | undefined;
    readonly allowedOrigins?: readonly string[];
    readonly probes?: AppPorts["probes"];
    readonly retention?: Retention;
    readonly minFreeBytes?: number;
  } = {},
  simulation?: Simulation,
): TestServer {
  const clock = before.clock ?? new SettableClock();
  const rooms = new Rooms(clock, RELAY_SECRET);
  const bugs: unknown[] = [];
  const draws: number[] = [];
  const answered: AnsweredRequest[] = [];
  const notices: string[] = [];
  const disk = { freeBytes: 1e12, totalBytes: 1e12 };
  let undrawn = 0;
  const background = new Background((error) => bugs.push(error));
  const parts = { clock, rooms, background };
  const storage = {
    sql: before.sql ?? openSqlite(":memory:"),
    objects: before.objects ?? new MemoryObjects(),
  };
  const app = createApp({
    ...parts,
    ...storage,
    random: {
      bytes: (length) => {
        const fraction = draws.shift();
        if (fraction !== undefined) return drawBytes(length, fraction);
        undrawn += 1;
        return createHash("shake256", { outputLength: length }).update(`${undrawn}`).digest();
      },
    },
    settings: {
      version: "0.0.0",
      publicUrl: PUBLIC_URL,
      relaySecret: RELAY_SECRET,
      uploadSecret: "upload secret",
      adminPasswordHash: before.adminPasswordHash,
      tokenKeys: [{ kid: "k1", secret: "device secret" }],
      signingKey: "signingKey" in before ? before.signingKey : RELEASE_KEY,
      allowedOrigins: before.allowedOrigins ?? [],
      retention: before.retention ?? USUAL_RETENTION,
      minFreeBytes: before.minFreeBytes,
      testRoutes: true,
    },
    report: (error) => bugs.push(error),
    metrics: new ServerMetrics("0.0.0"),
    answered: (request) => void answered.push(request),
    diskSpace: () => ({ ...disk }),
    notice: (text) => notices.push(text),
    ...(before.probes && { probes: before.probes }),
    ...(simulation && { simulation }),
  });
  return { app, ...parts, ...storage, bugs, notices, disk, draws, answered };
}

function drawBytes(length: number, fraction: number): Uint8Array {
  const bytes = Buffer.alloc(length, Math.floor(fraction * 256));
  if (length === 4) bytes.writeUInt32LE(Math.floor(fraction * 2 ** 32));
  return bytes;
}

export async function getJson(server: TestServer, path: string) {
  const answer = await server.app.request(path);
  return { status: answer.status, body: parseRecord(await answer.text()) ?? {} };
}

export async function postJson(server: TestServer, path: string, body: unknown) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await server.app.request(path, { method: "POST", body: text });
  return { status: answer.status, body: parseRecord(await answer.text()) ?? {} };
}

export const PHOTO = Buffer.from("a jpeg of a great tit, as far as the server can tell");
export const PHOTO_SHA256 = sha256Hex(PHOTO);

export function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export async function presign(
  server: TestServer,
  request: Readonly<Record<string, unknown>> = {},
): Promise<PresignPutAnswer> {
  const defaults = { deviceId: "feeder-1", kind: "photos", contentType: "image/jpeg" };
  const { body } = await postJson(server, "/v1/presign/put", { ...defaults, ...request });
  const answer = parsePresignPutAnswer(JSON.stringify(body));
  if (answer === undefined) throw new Error(`no permission to upload: ${JSON.stringify(body)}`);
  return answer;
}

/** The upload as its client makes it; `headers` replaces what it sends. */
export async function put(
  server: TestServer,
  grant: PresignPutAnswer,
  body: Uint8Array<ArrayBuffer> | ReadableStream = PHOTO,
  headers: Readonly<Record<string, string>> = {},
) {
  const length = body instanceof Uint8Array ? body.length : 0;
  const init = {
    method: "PUT",
    headers: { ...grant.headers, "Content-Length": String(length), ...headers },
    body,
    duplex: "half",
  };
  const answer = await server.app.request(new URL(grant.uploadUrl).pathname, init);
  return { status: answer.status, body: parseRecord(await answer.text()) ?? {} };
}

/** Presigns and uploads; answers what the server said to the upload. */
export async function storePhoto(
  server: TestServer,
  request: Readonly<Record<string, unknown>> = {},
  bytes: Uint8Array<ArrayBuffer> = PHOTO,
) {
  return put(server, await presign(server, request), bytes);
}

export interface RoomClient extends Member {
  /** Everything received since the last look, parsed. */
  heard(): Record<string, unknown>[];
  readonly closed: string[];
}

export function joinAs(
  server: TestServer,
  access: Parameters<typeof signRoomToken>[1],
): RoomClient {
  const lifetime = { nowMs: server.clock.nowMs(), lifetimeSeconds: 3600 };
  return joinWith(server.rooms, signRoomToken(RELAY_SECRET, access, lifetime));
}

export function joinWith(rooms: Rooms, token: string): RoomClient {
  const inbox: string[] = [];
  const closed: string[] = [];
  const peer: Peer = {
    send: (text) => void inbox.push(text),
    close: (code, reason) => void closed.push(`${code} ${reason}`),
  };
  const joined = rooms.join(token, peer);
  if (joined.kind === "refused") throw new Error(joined.reason);
  const heard = () => inbox.splice(0).map((text) => parseRecord(text) ?? {});
  return { ...joined.member, heard, closed };
}

export const FEEDER = { role: "feeder", deviceId: "feeder-1" } as const;
const MEMBER = { role: "member", deviceId: "feeder-1" } as const;
export const VIEWER = { role: "viewer", rooms: ["*"] } as const;

/** A room with one of each in it, and a feeder next door. */
export function joinEverybody() {
  const server = openServer();
  const clients = {
    feeder: joinAs(server, FEEDER),
    member: joinAs(server, MEMBER),
    viewer: joinAs(server, VIEWER),
    neighbour: joinAs(server, { role: "feeder", deviceId: "feeder-2" }),
  };
  for (const client of Object.values(clients)) client.heard();
  return { server, ...clients };
}
