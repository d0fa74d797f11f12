import { expect, test } from "vitest";
import { dayIndexKey } from "../../../protocol/object-key.ts";
import {
  FEEDER,
  getJson,
  joinAs,
  NOON_MS,
  PHOTO,
  presign,
  put,
  storePhoto,
  type TestServer,
  VIEWER,
} from "../server-fixture.ts";
import { describeDatabases, serverOn } from "./databases.ts";

const DAY = "2026-05-01";

async function idsOf(server: TestServer, day: string, deviceId = "feeder-1") {
  const { body } = await getJson(server, `/v1/index/${deviceId}/${day}`);
  return (body.events as { id: string }[]).map(({ id }) => id);
}

/** A photo of its own bytes: another capture is another picture. */
function photoAt(server: TestServer, captureId: string, capturedAt: string, deviceId = "feeder-1") {
  return storePhoto(server, { deviceId, captureId, capturedAt }, Buffer.from(`photo ${captureId}`));
}

describeDatabases(({ make }) => {
  test("photos are in the index of their day, oldest first, those of one moment by the bytes of their names", async () => {
    const server = await serverOn(await make());
    for (const id of ["b", "a-1", "B", "a_1", "A", "a"]) {
      await photoAt(server, id, `${DAY}T10:00:00Z`);
    }
    await photoAt(server, "first", `${DAY}T09:59:59.999Z`);
    await photoAt(server, "yesterday", "2026-04-30T23:59:59Z");
    await photoAt(server, "elsewhere", `${DAY}T10:00:00Z`, "feeder-2");
    expect(await idsOf(server, DAY)).toEqual(["first", "A", "B", "a-1", "a", "a_1", "b"]);
    expect((await getJson(server, "/v1/days/feeder-1")).body.days).toEqual([
      { date: DAY, count: 7 },
      { date: "2026-04-30", count: 1 },
    ]);
    expect(server.bugs).toEqual([]);
  });

  test("a day and the devices are read on from where a page ended", async () => {
    const server = await serverOn(await make());
    for (const id of ["b", "a-1", "B", "a"]) await photoAt(server, id, `${DAY}T10:00:00Z`, id);
    for (const id of ["c", "d", "e"]) await photoAt(server, id, `${DAY}T10:00:00Z`, "b");
    await photoAt(server, "old", `${DAY}T09:00:00Z`, "b");
    const day = `/v1/index/b/${DAY}`;
    const first = await getJson(server, `${day}?limit=3`);
    const after = encodeURIComponent(String(first.body.next));
    const second = await getJson(server, `${day}?limit=3&after=${after}`);
    const ids = [first, second].map(({ body }) =>
      (body.events as { id: string }[]).map(({ id }) => id),
    );
    expect(ids).toEqual([
      ["old", "b", "c"],
      ["d", "e"],
    ]);
    const rest = await getJson(server, "/v1/devices?after=B&limit=2");
    expect(rest.body).toMatchObject({
      ...{ devices: [{ deviceId: "a" }, { deviceId: "a-1" }], next: "a-1" },
    });
    expect(server.bugs).toEqual([]);
  });

  test("devices are in the order of the bytes of their ids, each with its newest photo", async () => {
    const server = await serverOn(await make());
    for (const id of ["b", "a-1", "B", "a_1", "aa"]) await getJson(server, `/v1/discovery/${id}`);
    await photoAt(server, "old", "2026-04-30T12:00:00Z", "B");
    await photoAt(server, "new", `${DAY}T11:00:00Z`, "B");
    await photoAt(server, "late", `${DAY}T10:00:00Z`, "B");
    const { body } = await getJson(server, "/v1/devices");
    expect(body.devices).toMatchObject([
      {
        deviceId: "B",
        photosToday: 2,
        lastSeenTs: NOON_MS,
        lastPhoto: { key: expect.stringContaining("-new."), ts: NOON_MS - 3_600_000 },
      },
      ...["a-1", "a_1", "aa", "b"].map((deviceId) => {
        return { deviceId, photosToday: 0, lastSeenTs: NOON_MS, lastPhoto: null };
      }),
    ]);
  });

  test("a repeated upload is the same photo, and another one of its name is refused", async () => {
    const server = await serverOn(await make());
    const first = await storePhoto(server, { captureId: "c1" });
    expect(await storePhoto(server, { captureId: "c1" })).toEqual(first);
    const grant = await presign(server, { captureId: "c1" });
    expect(await put(server, grant, Buffer.from("another bird"))).toMatchObject({
      status: 409,
      body: { code: "object_exists" },
    });
    expect(await idsOf(server, DAY)).toEqual(["c1"]);
  });

  test("two servers that are sent one photo at once both have it stored", async () => {
    const database = await make();
    const one = await serverOn(database);
    const other = await serverOn(database, { objects: one.objects });
    const answers = await Promise.all(
      [one, other].map((server) => storePhoto(server, { captureId: "c1" })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0]?.body).toEqual(answers[1]?.body);
    expect(await idsOf(one, DAY)).toEqual(["c1"]);
    expect([...one.bugs, ...other.bugs]).toEqual([]);
  });

  test("a photo is acknowledged once, also by the server after this one", async () => {
    const database = await make();
    const acks = async (server: TestServer) => {
      const viewer = joinAs(server, VIEWER);
      const { key } = await presign(server, { captureId: "c1" });
      const payload = { status: "success", captureId: "c1", attempt: 1, key };
      const event = { type: "event.upload_status", payload, bootId: "boot", seq: 1 };
      joinAs(server, FEEDER).receive(JSON.stringify(event));
      await server.background.idle();
      return JSON.stringify(viewer.heard()).match(/"gallery_ack"/g)?.length ?? 0;
    };
    const server = await serverOn(database);
    joinAs(server, FEEDER);
    await storePhoto(server, { captureId: "c1" });
    const next = await serverOn(database);
    expect([await acks(server), await acks(next)]).toEqual([1, 0]);
    expect([...server.bugs, ...next.bugs]).toEqual([]);
  });

  test("what is stored is counted in numbers", async () => {
    const server = await serverOn(await make());
    const metrics = async () => (await server.app.request("/metrics")).text();
    expect(await metrics()).toContain('skyfeeder_storage_objects{kind="photos"} 0\n');
    expect(await metrics()).toContain('skyfeeder_storage_bytes{kind="photos"} 0\n');
    for (const captureId of ["c1", "c2"]) await storePhoto(server, { captureId });
    server.clock.advance(60_000);
    const bytes = 2 * PHOTO.length;
    expect(await metrics()).toContain('skyfeeder_storage_objects{kind="photos"} 2\n');
    expect(await metrics()).toContain(`skyfeeder_storage_bytes{kind="photos"} ${bytes}\n`);
  });

  test("the next server writes the day files of the last minute before its start", async () => {
    const database = await make();
    const server = await serverOn(database);
    await photoAt(server, "earlier", "2026-04-29T12:00:00Z");
    server.clock.advance(60_001);
    await photoAt(server, "c1", "2026-04-30T12:00:00Z");
    await photoAt(server, "c2", `${DAY}T12:00:00Z`);
    const next = await serverOn(database);
    await next.background.idle();
    next.clock.advance(5_000);
    await next.background.idle();
    const written = ["2026-04-29", "2026-04-30", DAY].map(
      (day) => next.objects.read(dayIndexKey("feeder-1", day), 0, 9_999) !== undefined,
    );
    expect(written).toEqual([false, true, true]);
  });
});
