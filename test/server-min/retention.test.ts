import { expect, test } from "vitest";
import { dayIndexKey } from "../../protocol/object-key.ts";
import { MemoryObjects } from "../../server-min/storage/memory-objects.ts";
import { ask, enrol, makeApiKey, openClosedServer } from "./identity/closed-server.ts";
import type { TestServer } from "./server-fixture.ts";
import { getJson, joinAs, openServer, presign, put, storePhoto, VIEWER } from "./server-fixture.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CLIP = { kind: "clips", contentType: "video/avi" };

/** Time passes as on a server that is up: the job comes by every hour. */
async function pass(server: TestServer, durationMs: number): Promise<void> {
  for (let leftMs = durationMs; leftMs > 0; leftMs -= HOUR_MS) {
    server.clock.advance(Math.min(HOUR_MS, leftMs));
    await server.background.idle();
  }
}

async function captures(server: TestServer): Promise<unknown[]> {
  const { body } = await getJson(server, "/v1/days/feeder-1");
  const found: unknown[] = [];
  for (const { date } of body.days as { date: string }[]) {
    const day = await getJson(server, `/v1/index/feeder-1/${date}`);
    found.push(...(day.body.events as { id: string }[]).map(({ id }) => id));
  }
  return found.sort();
}

async function stored(server: TestServer): Promise<string[]> {
  const keys: string[] = [];
  for (const prefix of ["photos/", "clips/"]) {
    for await (const { key } of server.objects.list(prefix)) keys.push(key);
  }
  return keys.sort();
}

function save(server: TestServer, key: unknown, method = "PUT") {
  return server.app.request(`/v1/objects/${key}/saved`, { method });
}

test("photos are kept for 30 days, clips for one, and saved ones for ever", async () => {
  const server = openServer();
  await storePhoto(server, { captureId: "photo" });
  await storePhoto(server, { captureId: "clip", ...CLIP });
  const saved = [
    await storePhoto(server, { captureId: "saved-photo" }),
    await storePhoto(server, { captureId: "saved-clip", ...CLIP }),
  ];
  for (const { body } of saved) expect((await save(server, body.key)).status).toBe(200);
  await pass(server, DAY_MS - HOUR_MS);
  expect(await captures(server)).toHaveLength(4);
  await pass(server, 3 * HOUR_MS);
  expect(await captures(server)).toEqual(["photo", "saved-clip", "saved-photo"]);
  await pass(server, 30 * DAY_MS);
  expect(await captures(server)).toEqual(["saved-clip", "saved-photo"]);
  const day = dayIndexKey("feeder-1", "2026-05-01");
  expect(await stored(server)).toEqual([...saved.map(({ body }) => body.key), day].sort());

  for (const { body } of saved) await save(server, body.key, "DELETE");
  await pass(server, 2 * HOUR_MS);
  expect(await captures(server)).toEqual([]);
  expect(await stored(server)).toEqual([]);
  expect(server.bugs).toEqual([]);
});

test("0 days is for ever", async () => {
  const server = openServer({ retention: { photosDays: 0, clipsDays: 2 } });
  await storePhoto(server, { captureId: "photo" });
  await storePhoto(server, { captureId: "clip", ...CLIP });
  await pass(server, 3 * DAY_MS);
  expect(await captures(server)).toEqual(["photo"]);
  server.clock.advance(4_000 * DAY_MS);
  await pass(server, 2 * HOUR_MS);
  expect(await captures(server)).toEqual(["photo"]);
  expect(await getJson(server, "/v1/discovery/feeder-1")).toMatchObject({
    body: { video: { retention: { photos_days: 0, clips_days: 2 } } },
  });
});

test("a photo counts from its arrival: a feeder that was away delivers what can be looked at", async () => {
  const server = openServer();
  await storePhoto(server, { captureId: "late", capturedAt: "2026-03-01T00:00:00Z" });
  await pass(server, 29 * DAY_MS);
  expect(await captures(server)).toEqual(["late"]);
});

test("what is over while no server runs goes at the next start", async () => {
  const before = openServer();
  await storePhoto(before, { captureId: "old" });
  before.clock.advance(DAY_MS * 20);
  await storePhoto(before, { captureId: "young" });
  const { sql, objects, clock } = before;
  clock.advance(DAY_MS * 15);
  const server = openServer({ sql, objects, clock });
  await server.background.idle();
  expect(await captures(server)).toEqual(["young"]);
});

test("a clock that jumps by years is believed after a day, and the gallery outlives one that is set right", async () => {
  const before = openServer();
  await storePhoto(before, { captureId: "old" });
  const { sql, objects, clock } = before;
  clock.advance(10 * 365 * DAY_MS);
  const ahead = openServer({ sql, objects, clock });
  await pass(ahead, 22 * HOUR_MS);
  expect(await captures(ahead)).toEqual(["old"]);
  clock.advance(-10 * 365 * DAY_MS);
  const right = openServer({ sql, objects, clock });
  await pass(right, 10 * DAY_MS);
  expect(await captures(right)).toEqual(["old"]);

  clock.advance(365 * DAY_MS);
  await pass(right, 22 * HOUR_MS);
  expect(await captures(right)).toEqual(["old"]);
  await pass(right, 4 * HOUR_MS);
  expect(await captures(right)).toEqual([]);
});

test("a month's backlog goes in small steps, and all of it", async () => {
  const server = openServer();
  for (let n = 0; n < 250; n++) await storePhoto(server, { captureId: `c${n}` });
  server.clock.advance(31 * DAY_MS);
  await server.background.idle();
  await pass(server, HOUR_MS);
  expect((await captures(server)).length).toBe(150);
  for (let step = 0; step < 3; step++) {
    server.clock.advance(1_000);
    await server.background.idle();
  }
  expect(await captures(server)).toEqual([]);
  expect(await stored(server)).toEqual([]);
});

test("the bytes go last: neither the index nor the day's file names what is no more", async () => {
  const seen: unknown[] = [];
  class WatchedObjects extends MemoryObjects {
    override remove(key: string): void {
      if (key.endsWith(".jpg")) {
        const file = this.read(dayIndexKey("feeder-1", "2026-05-01"), 0, 1e6);
        seen.push(JSON.parse(Buffer.from(file ?? []).toString()).events);
      }
      super.remove(key);
    }
  }
  const objects = new WatchedObjects();
  const server = openServer({ objects });
  const kept = await storePhoto(server, { captureId: "kept" });
  await save(server, kept.body.key);
  await storePhoto(server, { captureId: "old" });
  await pass(server, 31 * DAY_MS);
  expect(seen).toMatchObject([[{ id: "kept", saved: true }]]);
});

test("one that cannot be removed is reported, and tried again an hour later", async () => {
  let isBroken = true;
  class StubbornObjects extends MemoryObjects {
    override remove(key: string): void {
      if (isBroken) throw new Error("EIO");
      super.remove(key);
    }
  }
  const server = openServer({ objects: new StubbornObjects() });
  await storePhoto(server, { captureId: "old" });
  await pass(server, 30 * DAY_MS + 2 * HOUR_MS);
  expect(server.bugs.length).toBeGreaterThan(0);
  expect(await captures(server)).toEqual([]);
  isBroken = false;
  await pass(server, HOUR_MS);
  expect(await stored(server)).toEqual([]);
});

test("a feeder that delivers again what was here is told so, and it does not come back", async () => {
  const server = openServer();
  const capture = { captureId: "old", capturedAt: "2026-05-01T10:00:00Z" };
  const late = await presign(server, capture);
  const first = await put(server, late);
  await pass(server, 31 * DAY_MS);
  const viewer = joinAs(server, VIEWER);
  viewer.heard();
  expect(await storePhoto(server, capture)).toEqual(first);
  await pass(server, 2 * HOUR_MS);
  expect(await captures(server)).toEqual([]);
  expect(await stored(server)).toEqual([]);
  expect(viewer.heard().map(({ type }) => type)).not.toContain("event.photo");
  const other = Buffer.from("another picture under the same name");
  expect(await storePhoto(server, capture, other)).toMatchObject({ status: 409 });

  await pass(server, 91 * DAY_MS);
  expect((await storePhoto(server, capture)).status).toBe(200);
  expect(await captures(server)).toEqual(["old"]);
});

test("what the index shows no longer is not to be had", async () => {
  const server = openServer();
  const { body } = await storePhoto(server);
  await pass(server, 31 * DAY_MS);
  expect((await server.app.request(`/v1/objects/${body.key}`)).status).toBe(404);
  expect((await save(server, body.key)).status).toBe(404);
  expect(await getJson(server, "/v1/devices")).toMatchObject({
    body: { devices: [{ lastPhoto: null, photosToday: 0 }] },
  });
  expect(await (await server.app.request("/metrics")).text()).toContain(
    'skyfeeder_storage_objects{kind="photos"} 0',
  );
});

test("saving is told by the day's index and file at once, and can be repeated", async () => {
  const server = openServer();
  const { body } = await storePhoto(server);
  for (const [method, saved] of [
    ["PUT", true],
    ["PUT", true],
    ["DELETE", false],
    ["DELETE", false],
  ] as const) {
    const answer = await save(server, body.key, method);
    expect([answer.status, await answer.json()]).toEqual([200, { key: body.key, saved }]);
    const index = await getJson(server, "/v1/index/feeder-1/2026-05-01");
    expect(index.body.events).toMatchObject([{ saved }]);
    const file = server.objects.read(dayIndexKey("feeder-1", "2026-05-01"), 0, 1e6);
    expect(JSON.parse(Buffer.from(file ?? []).toString())).toEqual(index.body);
  }
});

test.each([
  ["photos/feeder-1/none.jpg", 404, "not_found"],
  ["firmware/feeder-1/a.bin", 400, "invalid_key"],
  ["photos/feeder-1/%2e%2e%2fa", 400, "invalid_key"],
  ["photos/%252e%252e/a.jpg", 400, "invalid_key"],
  ["photos/-feeder/a.jpg", 400, "invalid_key"],
])("saving %s is refused with %d %s", async (key, status, code) => {
  const answer = await save(openServer(), key);
  expect([answer.status, (await answer.json()).code]).toEqual([status, code]);
});

test("where strangers reach the server an operator saves, nobody else, and it is in the audit log", async () => {
  const server = openServer();
  const { body } = await storePhoto(server);
  const { sql, objects, clock } = server;
  const closed = openClosedServer({ sql, objects, clock });
  const operator = await makeApiKey(closed);
  const device = await enrol(closed, "feeder-1");
  const path = `/v1/objects/${body.key}/saved`;
  expect(await ask(closed, `PUT ${path}`)).toMatchObject({ status: 401 });
  expect(await ask(closed, `PUT ${path}`, { token: device })).toMatchObject({ status: 403 });
  expect(await ask(closed, `PUT ${path}`, { token: operator })).toMatchObject({ status: 200 });
  const log = await ask(closed, "GET /v1/audit?limit=1", { token: operator });
  expect(log.body.entries).toMatchObject([
    { who: "doorbell", action: "save_media", target: body.key },
  ]);
});
