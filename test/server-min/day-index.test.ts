import fc from "fast-check";
import { expect, test } from "vitest";
import { dayIndexKey } from "../../protocol/object-key.ts";
import type { TestServer } from "./server-fixture.ts";
import { getJson, openServer, storePhoto } from "./server-fixture.ts";

test("a day without photos is an empty day", async () => {
  const server = openServer();
  expect(await getJson(server, "/v1/index/feeder-1/2026-05-01")).toMatchObject({
    status: 200,
    body: { deviceId: "feeder-1", date: "2026-05-01", events: [] },
  });
});

test("photos are in the day they were taken, oldest first", async () => {
  const server = openServer();
  for (const [captureId, capturedAt] of [
    ["noon", "2026-04-30T12:00:00Z"],
    ["last", "2026-04-30T23:59:59.999Z"],
    ["first", "2026-04-30T00:00:00Z"],
    ["next", "2026-05-01T00:00:00Z"],
  ]) {
    await storePhoto(server, { captureId, capturedAt });
  }
  const named = { captureId: "named", objectKey: "feeder-1/zzz.jpg" };
  await storePhoto(server, { ...named, capturedAt: "2026-04-30T06:00:00Z" });
  await storePhoto(server, { deviceId: "feeder-2", captureId: "elsewhere" });
  const index = await getJson(server, "/v1/index/feeder-1/2026-04-30");
  expect(index.body.events).toMatchObject([
    { id: "first" },
    { id: "named" },
    { id: "noon" },
    { id: "last" },
  ]);
  expect(await getJson(server, "/v1/days/feeder-1")).toMatchObject({
    body: {
      deviceId: "feeder-1",
      days: [
        { date: "2026-05-01", count: 1 },
        { date: "2026-04-30", count: 4 },
      ],
    },
  });
});

test.each([
  ["/v1/index/feeder-1/2026-02-30", "invalid_date"],
  ["/v1/index/feeder-1/2026-5-1", "invalid_date"],
  ["/v1/index/feeder-1/..%2f..", "invalid_date"],
  ["/v1/index/fee%20der/2026-05-01", "invalid_device_id"],
  ["/v1/index/%252e%252e/2026-05-01", "invalid_device_id"],
  ["/v1/days/-feeder", "invalid_device_id"],
])("%s is refused as %s", async (path, code) => {
  expect(await getJson(openServer(), path)).toMatchObject({ status: 400, body: { code } });
});

test("any text for a day is a real day or refused", async () => {
  const server = openServer();
  const digits = fc.stringMatching(/^\d{4}-[01]\d-[0-3]\d$/);
  await fc.assert(
    fc.asyncProperty(fc.oneof(digits, fc.string()), async (date) => {
      fc.pre(!["", ".", ".."].includes(date));
      const { status, body } = await getJson(server, `/v1/index/f/${encodeURIComponent(date)}`);
      const expected = isInCalendar(date) ? [200, date] : [400, undefined];
      expect([status, body.date]).toEqual(expected);
    }),
  );
});

/** By counting, not by a parser of dates. */
function isInCalendar(date: string): boolean {
  const [, year = 0, month = 0, day = 0] =
    /^(\d{4})-(\d{2})-(\d{2})$/.exec(date)?.map(Number) ?? [];
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day >= 1 && day <= days;
}

function readDayFile(server: TestServer, date: string): unknown {
  const bytes = server.objects.read(dayIndexKey("feeder-1", date), 0, 1e6);
  return bytes && JSON.parse(Buffer.from(bytes).toString());
}

test("the day's file is written after the answer, once for a burst", async () => {
  const server = openServer();
  await storePhoto(server, { captureId: "c1" });
  server.clock.advance(4_000);
  await storePhoto(server, { captureId: "c2" });
  await server.background.idle();
  expect(readDayFile(server, "2026-05-01")).toBeUndefined();
  server.clock.advance(1_000);
  await server.background.idle();
  const { body } = await getJson(server, "/v1/index/feeder-1/2026-05-01");
  expect(readDayFile(server, "2026-05-01")).toEqual(body);

  await storePhoto(server, { captureId: "c3" });
  server.clock.advance(5_000);
  await server.background.idle();
  expect(readDayFile(server, "2026-05-01")).toMatchObject({
    events: [{ id: "c1" }, { id: "c2" }, { id: "c3" }],
  });
});

test("a file that a crash kept from being written is written after the restart", async () => {
  const server = openServer();
  await storePhoto(server, { captureId: "old", capturedAt: "2026-04-01T00:00:00Z" });
  server.clock.advance(3_600_000);
  await server.background.idle();
  const oldFile = readDayFile(server, "2026-04-01");
  await storePhoto(server, { captureId: "c1" });
  server.objects.crash();
  const { sql, objects } = server;
  const restarted = openServer({ sql, objects });
  await restarted.background.idle();
  restarted.clock.advance(5_000);
  await restarted.background.idle();
  expect(readDayFile(restarted, "2026-05-01")).toMatchObject({ events: [{ id: "c1" }] });
  expect(readDayFile(restarted, "2026-04-01")).toEqual(oldFile);
  expect(restarted.bugs).toEqual([]);
});
