import { expect, test } from "vitest";
import {
  getJson,
  joinAs,
  NOON_MS,
  openServer,
  PUBLIC_URL,
  postJson,
  presign,
  put,
  storePhoto,
} from "./server-fixture.ts";

test("discovery tells a feeder everything, under the public address", async () => {
  const server = openServer();
  const { body } = await getJson(server, "/v1/discovery/feeder-1");
  expect(body).toEqual({
    deviceId: "feeder-1",
    time: "2026-05-01T12:00:00.000Z",
    api_base: PUBLIC_URL,
    presign_base: PUBLIC_URL,
    ota_base: PUBLIC_URL,
    signal_ws: expect.stringMatching(/^wss:\/\/feeders\.example\/v1\/ws\?token=[\w.-]+$/),
    fw_version: "0.0.0",
    step: "upload",
    video: {
      thumb_base: `${PUBLIC_URL}/v1/objects/photos/feeder-1`,
      clip_base: `${PUBLIC_URL}/v1/objects/clips/feeder-1`,
      retention: { clips_days: 1, photos_days: 30 },
    },
    cap: ["upload_immediate", "ram_retry_queue", "save_to_photos"],
    services: ["weight", "motion", "visit", "camera", "ota", "logs"],
  });
  expect(await getJson(server, "/v1/discovery/no.dots")).toMatchObject({
    status: 400,
    body: { code: "invalid_device_id" },
  });
});

test("devices are those that asked or uploaded, by id, with their last photo", async () => {
  const simulation = { deviceIds: () => ["b-asked"], visit: () => {} };
  const server = openServer({}, simulation);
  await getJson(server, "/v1/discovery/b-asked");
  server.clock.advance(1000);
  const photos = ["2026-05-01T11:00:00Z", "2026-05-01T10:00:00Z", "2026-04-30T12:00:00Z"];
  for (const capturedAt of photos) await storePhoto(server, { deviceId: "a-uploaded", capturedAt });
  const clip = { kind: "clips", contentType: "video/mp4" };
  await storePhoto(server, { deviceId: "a-uploaded", ...clip });
  await postJson(server, "/v1/presign/put", { deviceId: "c-presigned", kind: "photos" });
  expect((await getJson(server, "/v1/devices")).body).toEqual({
    devices: [
      {
        deviceId: "a-uploaded",
        name: null,
        online: false,
        lastSeenTs: NOON_MS + 1000,
        photosToday: 2,
        lastPhoto: { key: expect.stringContaining("2026-05-01T11-00-00"), ts: NOON_MS - 3_600_000 },
        simulated: false,
      },
      {
        deviceId: "b-asked",
        name: null,
        online: false,
        lastSeenTs: NOON_MS,
        photosToday: 0,
        lastPhoto: null,
        simulated: true,
      },
    ],
  });
});

test("a device that asks again was seen again, to the minute", async () => {
  const server = openServer();
  const seenAfter = async (waitMs: number) => {
    server.clock.advance(waitMs);
    await getJson(server, "/v1/discovery/feeder-1");
    const { devices } = (await getJson(server, "/v1/devices")).body;
    return (devices as { lastSeenTs: number }[])[0]?.lastSeenTs;
  };
  expect(await seenAfter(0)).toBe(NOON_MS);
  expect(await seenAfter(59_999)).toBe(NOON_MS);
  expect(await seenAfter(1)).toBe(NOON_MS + 60_000);
});

test("a device is online while its feeder is in the room, and seen when it last spoke", async () => {
  const server = openServer();
  await getJson(server, "/v1/discovery/feeder-1");
  const device = async () => (await getJson(server, "/v1/devices")).body.devices;
  const member = joinAs(server, { role: "member", deviceId: "feeder-1" });
  expect(await device()).toMatchObject([{ online: false }]);
  const feeder = joinAs(server, { role: "feeder", deviceId: "feeder-1" });
  server.clock.advance(5000);
  feeder.receive(`{"type":"event.heartbeat"}`);
  server.clock.advance(5000);
  member.receive(`{"type":"event.heartbeat"}`);
  expect(await device()).toMatchObject([{ online: true, lastSeenTs: NOON_MS + 5000 }]);
  feeder.leave();
  expect(await device()).toMatchObject([{ online: false, lastSeenTs: NOON_MS + 5000 }]);
});

test.each(["/healthz", "/health"])("%s says ok", async (path) => {
  expect(await getJson(openServer(), path)).toEqual({ status: 200, body: { status: "ok" } });
});

test.each([
  ["GET", "/nowhere", 404, "not_found", null],
  ["POST", "/v1/devices", 405, "method_not_allowed", "GET"],
  ["GET", "/v1/presign/put", 405, "method_not_allowed", "POST"],
  ["DELETE", "/v1/objects/photos/a/b.jpg", 405, "method_not_allowed", "GET"],
  ["DELETE", "/v1/test/faults", 405, "method_not_allowed", "GET, POST"],
  ["GET", "/fput/token", 405, "method_not_allowed", "PUT"],
])("%s %s is a problem with status %d", async (method, path, status, code, allow) => {
  const answer = await openServer().app.request(path, { method });
  expect([answer.status, await answer.json()]).toMatchObject([status, { code, status }]);
  expect(answer.headers.get("Allow")).toBe(allow);
});

test("a bug is answered without its inside, and reported", async () => {
  const server = openServer();
  await server.sql.schema.dropTable("devices").execute();
  const answer = await getJson(server, "/v1/devices");
  expect(answer).toEqual({
    status: 500,
    body: {
      type: "urn:skyfeeder:problem:internal",
      title: "Internal",
      status: 500,
      code: "internal",
    },
  });
  expect(server.bugs).toHaveLength(1);
});

test("faults fail that device's uploads at the given rate, until their time", async () => {
  const server = openServer();
  const untilTs = NOON_MS + 60_000;
  const profile = { deviceId: "feeder-1", failPutRate: 0.4, httpCode: 503, untilTs };
  expect(await postJson(server, "/v1/test/faults", profile)).toEqual({
    status: 200,
    body: profile,
  });
  expect((await getJson(server, "/v1/test/faults")).body).toEqual({ faults: [profile] });
  const grant = await presign(server, { captureId: "c1" });
  const unread = new ReadableStream({ pull: () => Promise.reject(new Error("the body was read")) });
  server.draws.push(0.39, 0.41, 0);
  expect(await put(server, grant, unread)).toMatchObject({
    status: 503,
    body: { code: "fault_injected", status: 503 },
  });
  expect(await put(server, grant)).toMatchObject({ status: 200 });
  const other = await presign(server, { deviceId: "feeder-2", captureId: "c1" });
  expect(await put(server, other)).toMatchObject({ status: 200 });
  server.clock.advance(60_000);
  expect(await put(server, grant)).toMatchObject({ status: 200 });
  expect((await getJson(server, "/v1/test/faults")).body).toEqual({ faults: [] });
});

test("faults take seconds for milliseconds, and go when no end is given", async () => {
  const server = openServer();
  const deviceId = "feeder-1";
  const seconds = { deviceId, failPutRate: 1, httpCode: 500, untilTs: NOON_MS / 1000 + 60 };
  expect(await postJson(server, "/v1/test/faults", seconds)).toMatchObject({
    body: { untilTs: NOON_MS + 60_000 },
  });
  expect(await storePhoto(server)).toMatchObject({ status: 500, body: { code: "fault_injected" } });
  expect(await postJson(server, "/v1/test/faults", { deviceId, failPutRate: 1 })).toEqual({
    status: 200,
    body: { deviceId, disabled: true },
  });
  expect(await storePhoto(server)).toMatchObject({ status: 200 });
});

test.each([
  [{ failPutRate: 1 }, "invalid_device_id"],
  [{ deviceId: "feeder-1", failPutRate: 2, untilTs: 1 }, "invalid_request"],
  [{ deviceId: "feeder-1", httpCode: 200, untilTs: 1 }, "invalid_request"],
  [{ deviceId: "feeder-1", untilTs: "soon" }, "invalid_request"],
])("faults %j are refused", async (body, code) => {
  expect(await postJson(openServer(), "/v1/test/faults", body)).toMatchObject({
    status: 400,
    body: { code },
  });
});

test("a visit can be set off at a simulated feeder only", async () => {
  const visits: string[] = [];
  const simulation = { deviceIds: () => ["sim-1"], visit: (id: string) => void visits.push(id) };
  const server = openServer({}, simulation);
  expect(await postJson(server, "/v1/test/visits", { deviceId: "sim-1" })).toEqual({
    status: 202,
    body: { deviceId: "sim-1" },
  });
  expect(await postJson(server, "/v1/test/visits", { deviceId: "real-1" })).toMatchObject({
    status: 404,
    body: { code: "not_found" },
  });
  expect(visits).toEqual(["sim-1"]);
});

test("the first stack's counters of the relay", async () => {
  const server = openServer();
  const feeder = joinAs(server, { role: "feeder", deviceId: "feeder-1" });
  joinAs(server, { role: "viewer", rooms: ["*"] });
  feeder.receive(`{"type":"event.visit"}`);
  const rooms = [
    { deviceId: "feeder-1", clients: 1 },
    { deviceId: "*", clients: 1 },
  ];
  expect((await getJson(server, "/v1/metrics")).body).toEqual({
    rooms,
    totalClients: 2,
    messageCount: 1,
    ts: NOON_MS,
  });
  expect((await getJson(server, "/rooms")).body).toEqual({ rooms });
});
