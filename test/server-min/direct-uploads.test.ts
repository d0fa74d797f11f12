import { expect, test } from "vitest";
import { openForProcess } from "../../cli/sim/server/process-sqlite.ts";
import { CrashPoints, ServerProcess } from "../../host-sim/peers/server-process.ts";
import { dayIndexKey } from "../../protocol/object-key.ts";
import { keepStatements, openDatabase } from "../../server-min/storage/node-sqlite.ts";
import { MemoryBucket } from "./memory-bucket.ts";
import type { RoomClient, TestServer } from "./server-fixture.ts";
import {
  FEEDER,
  getJson,
  joinAs,
  openServer,
  PHOTO,
  PHOTO_SHA256,
  PUBLIC_URL,
  postJson,
  presign,
  put,
  SettableClock,
  storePhoto,
  VIEWER,
} from "./server-fixture.ts";

const KEY = "photos/feeder-1/2026-05-01T12-00-00-000Z-c1.jpg";
const CAPTURE = { captureId: "c1", size: PHOTO.length, sha256: PHOTO_SHA256 };
const HOUR_MS = 3_600_000;

function openWithBucket(bucket = new MemoryBucket()) {
  const server = openServer({ objects: bucket });
  const viewer = joinAs(server, VIEWER);
  viewer.heard();
  return { server, bucket, viewer };
}

async function pass(server: TestServer, durationMs: number): Promise<void> {
  await server.background.idle();
  server.clock.advance(durationMs);
  await server.background.idle();
}

function reportSuccess(feeder: RoomClient, key: string, seq = 1): void {
  const payload = { status: "success", captureId: "c1", attempt: 1, key };
  const event = { type: "event.upload_status", payload, bootId: "boot", seq };
  feeder.receive(JSON.stringify(event));
}

async function idsOfDay(server: TestServer): Promise<unknown[]> {
  const { body } = await getJson(server, "/v1/index/feeder-1/2026-05-01");
  return (body.events as { id: string }[]).map(({ id }) => id);
}

function stagesOf(viewer: RoomClient): unknown[] {
  return viewer.heard().map(({ type, payload }) => {
    const isStatus = typeof payload === "object" && payload !== null && "status" in payload;
    return isStatus ? payload.status : type;
  });
}

test("a photo put into the bucket is in the gallery as soon as its feeder says so, once", async () => {
  const { server, bucket, viewer } = openWithBucket();
  const feeder = joinAs(server, FEEDER);
  const grant = await presign(server, CAPTURE);
  expect(grant).toMatchObject({ uploadUrl: `https://bucket.example/${KEY}`, key: KEY });
  bucket.receive(grant, PHOTO);
  expect(await idsOfDay(server)).toEqual([]);

  reportSuccess(feeder, KEY);
  reportSuccess(feeder, KEY, 2);
  await server.background.idle();
  expect(await idsOfDay(server)).toEqual(["c1"]);
  expect(stagesOf(viewer)).toEqual(["success", "success", "event.photo", "gallery_ack"]);

  await pass(server, HOUR_MS);
  expect(stagesOf(viewer)).toEqual([]);
  const file = bucket.read(dayIndexKey("feeder-1", "2026-05-01"), 0, 9_999) ?? new Uint8Array();
  expect(JSON.parse(Buffer.from(file).toString())).toMatchObject({
    events: [{ id: "c1", key: KEY, bytes: PHOTO.length, sha256: PHOTO_SHA256 }],
  });
});

test("a photo whose feeder never says so is found within a minute", async () => {
  const { server, bucket, viewer } = openWithBucket();
  bucket.receive(await presign(server, CAPTURE), PHOTO);
  await pass(server, 60_000);
  expect(await idsOfDay(server)).toEqual(["c1"]);
  expect(stagesOf(viewer)).toEqual(["event.photo", "gallery_ack"]);
});

test("a store that was away for a while loses nothing", async () => {
  const { server, bucket } = openWithBucket();
  bucket.receive(await presign(server, CAPTURE), PHOTO);
  bucket.isDown = true;
  for (let hours = 0; hours < 2; hours += 1) await pass(server, HOUR_MS);
  expect(server.bugs).toContainEqual(expect.objectContaining({ name: "StoreUnavailable" }));
  bucket.isDown = false;
  await pass(server, 60_000);
  expect(await idsOfDay(server)).toEqual(["c1"]);
});

test("only the feeder that was given the permission says that it is done", async () => {
  const { server, bucket } = openWithBucket();
  const neighbour = joinAs(server, { role: "feeder", deviceId: "feeder-2" });
  bucket.receive(await presign(server, CAPTURE), PHOTO);
  reportSuccess(neighbour, KEY);
  await server.background.idle();
  expect(await idsOfDay(server)).toEqual([]);
});

test.each([
  ["nothing", undefined, ""],
  ["half of it", PHOTO.subarray(9), PHOTO_SHA256],
  ["bytes nobody signed", PHOTO, "0".repeat(64)],
])("with %s in the bucket the gallery shows nothing", async (_, bytes, sha256) => {
  const { server, bucket } = openWithBucket();
  const feeder = joinAs(server, FEEDER);
  await presign(server, CAPTURE);
  if (bytes !== undefined) bucket.place(KEY, bytes, sha256);
  reportSuccess(feeder, KEY);
  await pass(server, 60_000);
  expect(await idsOfDay(server)).toEqual([]);
});

test("while an upload is waited for, no other bytes are signed for its capture or its key", async () => {
  const { server } = openWithBucket();
  const first = await presign(server, CAPTURE);
  const request = { deviceId: "feeder-1", kind: "photos", contentType: "image/jpeg" };
  const refusal = { status: 409, body: { code: "object_exists" } };
  const others = [
    { ...CAPTURE, sha256: "0".repeat(64) },
    { ...CAPTURE, size: PHOTO.length + 1 },
    { captureId: "c1" },
    { ...CAPTURE, contentType: "image/png" },
    { ...CAPTURE, captureId: "c2", objectKey: KEY.slice("photos/".length) },
  ];
  for (const other of others) {
    const answer = await postJson(server, "/v1/presign/put", { ...request, ...other });
    expect(answer).toMatchObject(refusal);
  }
  // A feeder without a clock asks again at another time.
  server.clock.advance(900_000);
  expect(await presign(server, CAPTURE)).toEqual(first);

  const other = { ...request, ...CAPTURE, sha256: "0".repeat(64) };
  for (let minutes = 0; minutes < 58; minutes += 1) await pass(server, 60_000);
  expect(await postJson(server, "/v1/presign/put", other)).toMatchObject(refusal);
  for (let minutes = 0; minutes < 4; minutes += 1) await pass(server, 60_000);
  expect(await postJson(server, "/v1/presign/put", other)).toMatchObject({ status: 200 });
});

test.each([
  ["its length", { sha256: PHOTO_SHA256 }],
  ["its hash", { size: PHOTO.length }],
  ["either", {}],
])("a client that does not say %s sends the bytes through the server", async (_, said) => {
  const { server, bucket } = openWithBucket();
  const grant = await presign(server, { captureId: "c1", ...said });
  expect(grant.uploadUrl).toContain(`${PUBLIC_URL}/fput/`);
  expect(await put(server, grant)).toMatchObject({ status: 200, body: { key: KEY } });
  expect(bucket.read(KEY, 0, 999)).toEqual(PHOTO);
  expect(await idsOfDay(server)).toEqual(["c1"]);
});

test("a capture that is stored comes through the server again, which keeps the stored bytes", async () => {
  const { server } = openWithBucket();
  await storePhoto(server, { captureId: "c1" });
  const again = await presign(server, CAPTURE);
  expect(again.uploadUrl).toContain(`${PUBLIC_URL}/fput/`);
  expect(await put(server, again)).toMatchObject({ status: 200, body: { sha256: PHOTO_SHA256 } });
});

test("whoever gets an object is sent to the bucket, and asks again before that address expires", async () => {
  const { server } = openWithBucket();
  await storePhoto(server, { captureId: "c1" });
  const answer = await server.app.request(`/v1/objects/${KEY}`);
  expect([answer.status, answer.headers.get("Location")]).toEqual([
    302,
    `https://bucket.example/${KEY}?signed`,
  ]);
  expect(answer.headers.get("Cache-Control")).toBe("private, max-age=300");
  const head = await server.app.request(`/v1/objects/${KEY}`, { method: "HEAD" });
  expect([head.status, head.headers.get("ETag")]).toEqual([200, `"${PHOTO_SHA256}"`]);
});

/** A server that ends in the given durable step, and what its feeder got done before. */
async function runUntilCrash(step: number, when: "before" | "after") {
  const bucket = new MemoryBucket();
  const statements = keepStatements(openDatabase(":memory:"));
  const points = new CrashPoints();
  points.plan(step, when, "killed");
  const process = new ServerProcess(points, () => process.end());
  const server = openServer({ sql: openForProcess(statements, process), objects: bucket });
  const feeder = joinAs(server, FEEDER);
  const grant = await process.outlast(presign(server, CAPTURE));
  if (grant !== undefined) {
    bucket.receive(grant, PHOTO);
    reportSuccess(feeder, KEY);
    await process.outlast(server.background.idle());
    server.clock.advance(6_000);
    await process.outlast(server.background.idle());
  }
  return { bucket, statements, ended: !process.isAlive, wasPut: grant !== undefined };
}

test("a server that ends in any step of it lists the photo once after the restart", async () => {
  for (const when of ["before", "after"] as const) {
    for (let step = 1, ended = true; ended; step += 1) {
      const run = await runUntilCrash(step, when);
      ended = run.ended;
      const process = new ServerProcess(new CrashPoints(), () => {});
      const sql = openForProcess(run.statements, process);
      const clock = new SettableClock();
      const server = openServer({ sql, objects: run.bucket, clock });
      await pass(server, 6_000);
      expect(await idsOfDay(server), `${when} step ${step}`).toEqual(run.wasPut ? ["c1"] : []);
      const acked = await sql.selectFrom("objects").select("acked_at_ms").execute();
      expect(acked.map(({ acked_at_ms: atMs }) => atMs !== null)).toEqual(run.wasPut ? [true] : []);
      const file = run.bucket.read(dayIndexKey("feeder-1", "2026-05-01"), 0, 9_999);
      if (run.wasPut) expect(Buffer.from(file ?? "").toString()).toContain(KEY);
      expect(await sql.selectFrom("pending_uploads").select("key").execute()).toEqual(
        run.wasPut ? [] : expect.anything(),
      );
    }
  }
});
