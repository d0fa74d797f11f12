import { expect, test } from "vitest";
import type { RoomClient, TestServer } from "./server-fixture.ts";
import {
  getJson,
  joinAs,
  NOON_MS,
  openServer,
  PHOTO,
  PHOTO_SHA256,
  storePhoto,
} from "./server-fixture.ts";

const KEY = "photos/feeder-1/2026-05-01T12-00-00-000Z-c1.jpg";

function watch(server: TestServer): RoomClient {
  const viewer = joinAs(server, { role: "viewer", rooms: ["*"] });
  viewer.heard();
  return viewer;
}

/** The stages and photos a viewer heard of, short. */
function stagesOf(viewer: RoomClient): unknown[] {
  return viewer.heard().map(({ type, payload }) => {
    const status = typeof payload === "object" && payload && "status" in payload && payload.status;
    return status || type;
  });
}

function reportSuccess(feeder: RoomClient, key: string, seq: number): void {
  const payload = { status: "success", captureId: "c1", attempt: 1, key };
  const event = { type: "event.upload_status", payload, bootId: "boot", seq };
  feeder.receive(JSON.stringify(event));
}

test("a stored photo is announced with everything the page shows", async () => {
  const server = openServer();
  const viewer = watch(server);
  await storePhoto(server, { captureId: "c1" });
  expect(viewer.heard()).toMatchObject([
    {
      type: "event.photo",
      deviceId: "feeder-1",
      ts: NOON_MS,
      payload: {
        id: "c1",
        key: KEY,
        kind: "photos",
        bytes: PHOTO.length,
        sha256: PHOTO_SHA256,
        capturedTs: NOON_MS,
      },
    },
    {
      type: "event.upload_status",
      deviceId: "feeder-1",
      payload: { status: "gallery_ack", captureId: "c1", key: KEY, attempt: 0 },
    },
  ]);
});

test("with its feeder in the room, the acknowledgement follows the feeder's own success", async () => {
  const server = openServer();
  const viewer = watch(server);
  const feeder = joinAs(server, { role: "feeder", deviceId: "feeder-1" });
  await storePhoto(server, { captureId: "c1" });
  expect(stagesOf(viewer)).toEqual(["event.photo"]);
  reportSuccess(feeder, KEY, 1);
  await server.background.idle();
  expect(stagesOf(viewer)).toEqual(["success", "gallery_ack"]);
  server.clock.advance(10_000);
  reportSuccess(feeder, KEY, 2);
  await server.background.idle();
  expect(stagesOf(viewer)).toEqual(["success"]);
});

test("a feeder that stays silent is waited for ten seconds", async () => {
  const server = openServer();
  const viewer = watch(server);
  const feeder = joinAs(server, { role: "feeder", deviceId: "feeder-1" });
  await storePhoto(server, { captureId: "c1" });
  server.clock.advance(9_999);
  await server.background.idle();
  expect(stagesOf(viewer)).toEqual(["event.photo"]);
  server.clock.advance(1);
  await server.background.idle();
  expect(stagesOf(viewer)).toEqual(["gallery_ack"]);
  reportSuccess(feeder, KEY, 1);
  await server.background.idle();
  expect(stagesOf(viewer)).toEqual(["success"]);
});

test("only the feeder itself reports its success", async () => {
  const server = openServer();
  joinAs(server, { role: "feeder", deviceId: "feeder-1" });
  const member = joinAs(server, { role: "member", deviceId: "feeder-1" });
  await storePhoto(server, { captureId: "c1" });
  const viewer = watch(server);
  reportSuccess(member, KEY, 1);
  await server.background.idle();
  expect(stagesOf(viewer)).toEqual(["success"]);
});

test("another feeder's report of the same key acknowledges nothing", async () => {
  const server = openServer();
  joinAs(server, { role: "feeder", deviceId: "feeder-1" });
  const neighbour = joinAs(server, { role: "feeder", deviceId: "feeder-2" });
  await storePhoto(server, { captureId: "c1" });
  const viewer = watch(server);
  reportSuccess(neighbour, KEY, 1);
  await server.background.idle();
  expect(stagesOf(viewer)).toEqual(["success"]);
  server.clock.advance(10_000);
  await server.background.idle();
  expect(stagesOf(viewer)).toEqual(["gallery_ack"]);
});

test("a repeated upload is announced once, acknowledged already or not yet", async () => {
  const server = openServer();
  const viewer = watch(server);
  await storePhoto(server, { captureId: "c0" });
  await storePhoto(server, { captureId: "c0" });
  expect(stagesOf(viewer)).toEqual(["event.photo", "gallery_ack"]);
  joinAs(server, { role: "feeder", deviceId: "feeder-1" });
  await storePhoto(server, { captureId: "c1" });
  await storePhoto(server, { captureId: "c1" });
  expect(stagesOf(viewer)).toEqual(["event.photo"]);
});

test("an acknowledgement that a crash swallowed comes after the restart", async () => {
  const server = openServer();
  joinAs(server, { role: "feeder", deviceId: "feeder-1" });
  await storePhoto(server, { captureId: "c1" });
  await storePhoto(server, { captureId: "c2" });

  const restarted = openServer({ sql: server.sql, objects: server.objects });
  const viewer = watch(restarted);
  const feeder = joinAs(restarted, { role: "feeder", deviceId: "feeder-1" });
  reportSuccess(feeder, KEY, 1);
  await restarted.background.idle();
  expect(stagesOf(viewer)).toEqual(["success", "gallery_ack"]);
  feeder.leave();
  // Its answer was lost with the crash, so the feeder sends the other one again.
  await storePhoto(restarted, { captureId: "c2" });
  expect(stagesOf(viewer)).toEqual(["event.photo", "gallery_ack"]);
  reportSuccess(feeder, KEY, 2);
  expect((await getJson(restarted, "/v1/index/feeder-1/2026-05-01")).body.events).toHaveLength(2);
});
