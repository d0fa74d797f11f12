import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { startVirtualServer, type VirtualServer } from "../../cli/sim/server/virtual-server.ts";
import type { CrashKind } from "../../host-sim/peers/server-process.ts";
import { World } from "../../host-sim/world.ts";
import type { DayIndex } from "../../protocol/day-index.ts";
import { parsePresignPutAnswer } from "../../protocol/presign.ts";
import { startSystem } from "../flows/system.ts";

const STARTED_AT_MS = Date.UTC(2026, 5, 1);
const SECOND_MS = 1_000;
const PHOTO_BYTES = 10_000;
const CRASHES = (["killed", "power"] as const).flatMap((how) =>
  (["before", "after"] as const).map((when) => ({ how, when })),
);

async function startServer(seed = 1) {
  const world = new World({ seed, pace: "virtual", startedAtMs: STARTED_AT_MS });
  return { world, server: await startVirtualServer(world, undefined) };
}

/** True when the server answered 200; a server that is gone answers nothing. */
async function upload(
  { ask }: VirtualServer,
  captureId: string,
  lengthBytes = PHOTO_BYTES,
): Promise<boolean> {
  const body = JSON.stringify({
    ...{ deviceId: "dev1", captureId, kind: "photos", contentType: "image/jpeg" },
    capturedAt: new Date(STARTED_AT_MS).toISOString(),
  });
  const presigned = await ask("/v1/presign/put", { method: "POST", body }).catch(() => undefined);
  const grant = parsePresignPutAnswer((await presigned?.text()) ?? "");
  if (grant === undefined) return false;
  const headers = { ...grant.headers, "Content-Length": String(lengthBytes) };
  const { pathname } = new URL(grant.uploadUrl);
  const picture = Buffer.alloc(lengthBytes, `photo ${captureId} `);
  const put = ask(pathname, { method: "PUT", headers, body: picture });
  return (await put.catch(() => undefined))?.status === 200;
}

async function readIndex({ ask }: VirtualServer): Promise<DayIndex["events"]> {
  const answer = await ask("/v1/index/dev1/2026-06-01");
  return ((await answer.json()) as DayIndex).events;
}

async function keyOf(server: VirtualServer, captureId: string): Promise<string | undefined> {
  return (await readIndex(server)).find(({ id }) => id === captureId)?.key;
}

/** What the index lists, by capture; every entry must have its object, whole. */
async function listed(server: VirtualServer): Promise<string[]> {
  const events = await readIndex(server);
  for (const { key, sha256 } of events) {
    const object = await (await server.ask(`/v1/objects/${key}`)).arrayBuffer();
    expect(createHash("sha256").update(new Uint8Array(object)).digest("hex")).toBe(sha256);
  }
  return events.map(({ id }) => id).sort();
}

/** How many durable steps an upload has, with what follows from it. */
async function countOperations(uploads: readonly string[]): Promise<number> {
  const { world, server } = await startServer();
  const before = server.operations;
  for (const captureId of uploads) expect(await upload(server, captureId)).toBe(true);
  await world.run(10 * SECOND_MS);
  return server.operations - before;
}

test.each(CRASHES)(
  "$how $when any operation of two uploads: what was answered is kept, what is listed is whole, the rest comes again",
  async ({ how, when }) => {
    const operations = await countOperations(["one", "two"]);
    expect(operations).toBeGreaterThan(20);
    let kept = 0;
    for (let operation = 1; operation <= operations; operation++) {
      const { world, server } = await startServer(operation);
      server.crashAt(operation, when, how);
      const answered: string[] = [];
      for (const captureId of ["one", "two"]) {
        if (await upload(server, captureId)) answered.push(captureId);
      }
      await world.run(10 * SECOND_MS);
      expect(server.isUp).toBe(false);

      await server.start();
      const found = await listed(server);
      expect(found).toEqual(expect.arrayContaining(answered));
      kept += found.length - answered.length;
      for (const captureId of ["two", "one"]) expect(await upload(server, captureId)).toBe(true);
      server.crash("power");
      await server.start();
      expect(await listed(server)).toEqual(["one", "two"]);
    }
    // The process had written the row and came to no answer.
    expect(kept).toBeGreaterThan(0);
  },
);

test("what a killed process left half done the next one removes; a power cut may have taken it", async () => {
  const operationsOfStart = async (seed: number, how: CrashKind): Promise<number> => {
    const { server } = await startServer(seed);
    server.crashAt(2, "after", how);
    expect(await upload(server, "one")).toBe(false);
    const { operations } = server;
    await server.start();
    return server.operations - operations;
  };
  const seeds = Array.from({ length: 20 }, (_, seed) => seed);
  const killed = await Promise.all(seeds.map((seed) => operationsOfStart(seed, "killed")));
  const cut = await Promise.all(seeds.map((seed) => operationsOfStart(seed, "power")));
  expect(new Set(killed).size).toBe(1);
  expect(Math.min(...cut)).toBeLessThan(killed[0] ?? 0);
});

test.each(CRASHES)(
  "$how $when any operation of a start: the next one finds everything",
  async ({ how, when }) => {
    for (let operation = 1; ; operation++) {
      const { server } = await startServer(operation);
      await upload(server, "one");
      server.crashAt(3, "before", "killed");
      expect(await upload(server, "two")).toBe(false);

      server.crashAt(operation, when, how);
      await server.start();
      if (server.isUp) return expect(operation).toBeGreaterThan(3);
      await server.start();
      expect(await listed(server)).toEqual(["one"]);
      expect(await upload(server, "two")).toBe(true);
    }
  },
);

test("a server that is down answers nobody, starts once, and is heard again", async () => {
  const { server } = await startServer();
  await expect(server.start()).rejects.toThrow("runs already");
  server.crash("killed");
  expect(server.isUp).toBe(false);
  await expect(server.ask("/healthz")).rejects.toThrow("no server");
  await server.start();
  expect(await upload(server, "one")).toBe(true);
  const types = server.heard.map(({ message }) => message.type);
  expect(types.slice(0, 3)).toEqual(["system", "system", "event.photo"]);
});

test.each(["killed", "power"] as const)(
  "what a process had planned ends with it (%s): the next one writes the day's file",
  async (how) => {
    const { world, server } = await startServer();
    await upload(server, "one");
    server.crash(how);
    const { operations } = server;
    await world.run(30 * SECOND_MS);
    expect(server.operations).toBe(operations);
    const types = server.heard.map(({ message }) => message.type);
    expect(types).toEqual(["system", "event.photo", "event.upload_status"]);

    await server.start();
    await world.run(40 * SECOND_MS);
    expect(server.operations).toBeGreaterThan(operations + 5);
  },
);

test("the owner is told of each crash once, as an event of the world", async () => {
  const { world, server } = await startServer();
  const crashedAtMs: number[] = [];
  server.onCrash = () => crashedAtMs.push(world.nowMs);
  world.after(SECOND_MS, () => {
    server.crash("power");
    server.crash("killed");
    expect(crashedAtMs).toEqual([]);
  });
  await world.run(2 * SECOND_MS);
  expect(crashedAtMs).toEqual([SECOND_MS]);
});

test.each([
  ["killed", [0]],
  ["power", [5 * SECOND_MS]],
] as const)("the peers of a room hear that it is gone (%s)", async (how, closedAtMs) => {
  const { world, server } = await startServer();
  const closed: number[] = [];
  const { token } = (await (await server.ask("/v1/viewer-token", { method: "POST" })).json()) as {
    token: string;
  };
  const close = () => closed.push(world.nowMs);
  const joined = server.rooms.join(token, { send: () => {}, close });
  expect(joined.kind).toBe("joined");
  server.crash(how);
  await world.run(5 * SECOND_MS);
  await server.start();
  await world.run(10 * SECOND_MS);
  expect(closed).toEqual(closedAtMs);
});

test("who is being sent an object hears its connection break", async () => {
  const { server } = await startServer();
  await upload(server, "one", 300_000);
  const { body } = await server.ask(`/v1/objects/${await keyOf(server, "one")}`);
  const reader = body?.getReader();
  expect((await reader?.read())?.value?.length).toBe(65_536);
  server.crash("killed");
  // One piece is read ahead.
  await reader?.read();
  await expect(reader?.read()).rejects.toThrow("gone");
});

/** The same visit in every world; the crash comes in one of the operations that follow from it, if there are so many. */
async function visitWithCrash(operation: number, when: "before" | "after", how: CrashKind) {
  const system = await startSystem({ seed: operation });
  const { world, server, feeder } = system;
  let crashes = 0;
  server.onCrash = () => {
    crashes++;
    world.after(20 * SECOND_MS, () => void server.start());
  };
  world.after(10 * SECOND_MS, () => {
    server.crashAt(operation, when, how);
    feeder.visit(8_000, 120);
  });
  await world.run(150 * SECOND_MS);
  return { ...system, crashes };
}

test.each(["before", "after"] as const)(
  "a crash %s any operation of a visit: the feeder comes again, and its photo is stored once",
  async (when) => {
    for (let operation = 1; ; operation++) {
      const how = operation % 2 === 0 ? "killed" : "power";
      const { taken, stored, server, crashes } = await visitWithCrash(operation, when, how);
      expect(taken).toHaveLength(1);
      expect(await stored("photos")).toEqual(taken);
      expect(await listed(server)).toHaveLength(1);
      if (crashes === 0) return expect(operation).toBeGreaterThan(15);
    }
  },
  120_000,
);

test("the same crash of the same seed leaves the same trace", async () => {
  const traceHash = async () => (await visitWithCrash(8, "after", "power")).world.trace.hash();
  expect(await traceHash()).toBe(await traceHash());
});
