import { expect, test } from "vitest";
import type { LedgerEntry } from "../../protocol/update-messages.ts";
import { check, release, running } from "./firmware-fixture.ts";
import {
  FEEDER,
  getJson,
  joinAs,
  NOON_MS,
  openServer,
  postJson,
  type TestServer,
} from "./server-fixture.ts";

const A = "a".repeat(64);
const B = "b".repeat(64);

async function status(server: TestServer, deviceId = "feeder-1") {
  await server.background.idle();
  const answer = await server.app.request("/v1/ota/status");
  const devices = (await answer.json()) as Record<string, unknown>[];
  return devices.find((device) => device.deviceId === deviceId);
}

async function heartbeat(server: TestServer, told: object) {
  const body = { deviceId: "feeder-1", version: "1.0.0", ...told };
  return (await postJson(server, "/v1/ota/heartbeat", body)).body;
}

test("a heartbeat of the first stack is acknowledged and shown", async () => {
  const server = openServer();
  expect(await heartbeat(server, { slot: "B", bootCount: 1 })).toEqual({
    rollback: false,
    ackTs: NOON_MS,
    time: "2026-05-01T12:00:00.000Z",
    configVersion: null,
  });
  expect(await status(server)).toMatchObject({
    ...{ version: "1.0.0", slot: "B", bootCount: 1, status: "boot", updatedTs: NOON_MS },
    confirmed: false,
  });
});

test("the health gate's nonce comes back, and its heartbeat changes no state of an update", async () => {
  const server = openServer();
  const gate = { elfSha256: A, slot: 0, nonce: "n-1" };
  await heartbeat(server, { elfSha256: A, slot: 0, status: "downloading" });
  expect(await heartbeat(server, gate)).toMatchObject({ nonce: "n-1", rollback: false });
  expect(await status(server)).toMatchObject({ status: "downloading", elfSha256: A, slot: 0 });
});

const COUNTS_ON = { bootCount: 40, status: "idle", elfSha256: A };
const NEW_IMAGE = { status: "pending", elfSha256: B };

test.each<[string, boolean, object[]]>([
  ["said to have failed", true, [{ status: "failed" }]],
  ["started twice", false, [{ bootCount: 1 }, { bootCount: 2 }]],
  ["started three times", true, [{ bootCount: 3 }]],
  ["on trial for the third time", true, [{ bootCount: 3, status: "pending" }]],
  [
    "good, started often",
    false,
    [
      { bootCount: 1, status: "ok" },
      { bootCount: 9, status: "boot" },
    ],
  ],
  ["new on a board that counts on", false, [COUNTS_ON, { ...NEW_IMAGE, bootCount: 41 }]],
  [
    "new on a board that counts on, started three times",
    true,
    [COUNTS_ON, { ...NEW_IMAGE, bootCount: 41 }, { ...NEW_IMAGE, bootCount: 43 }],
  ],
  [
    "new after a good one, started three times",
    true,
    [
      { bootCount: 5, status: "ok" },
      { version: "1.1.0", bootCount: 3 },
    ],
  ],
])("an image %s, is to be rolled back: %s", async (_, rollback, told) => {
  const server = openServer();
  const answers = [];
  for (const one of told) answers.push(await heartbeat(server, one));
  expect(answers.at(-1)?.rollback).toBe(rollback);
});

test("a heartbeat is offered what a check would be, once its image is good", async () => {
  const server = openServer();
  const old = await release(server, "1.0.0");
  await release(server, "1.1.0");
  await check(server, running(old));
  const { elfSha256 } = old;
  const trial = await heartbeat(server, { elfSha256, status: "pending" });
  expect(trial.update).toBeUndefined();
  const good = await heartbeat(server, { elfSha256, status: "idle" });
  expect(good.update).toMatchObject({ version: "1.1.0", jws: expect.any(String) });
});

test.each([
  ["heartbeat", { version: "1.0.0" }, "invalid_device_id"],
  ["heartbeat", { deviceId: "a" }, "invalid_request"],
  ["heartbeat", { deviceId: "a", version: "1.0.0", slot: 2 }, "invalid_request"],
  ["heartbeat", { deviceId: "a", version: "1.0.0", bootCount: "3" }, "invalid_request"],
  ["heartbeat", { deviceId: "a", version: "1.0.0", nonce: "x".repeat(65) }, "invalid_request"],
])("a bad %s %j is refused and kept nowhere", async (_, body, code) => {
  const server = openServer();
  expect(await postJson(server, "/v1/ota/heartbeat", body)).toMatchObject({
    status: 400,
    body: { code },
  });
  expect(await status(server, "a")).toBeUndefined();
});

const ROOM_HEARTBEAT = {
  version: "1.0.0",
  bootCount: 7,
  uptime_s: 60,
  queue: { count: 0, bytes: 0, dropped: 0 },
  eventsDropped: 0,
  elfSha256: A,
  slot: 1,
  update: "idle",
};

test("what a feeder tells in its room is shown, and told again it costs no write", async () => {
  const server = openServer();
  const feeder = joinAs(server, FEEDER);
  const tell = (payload: object) =>
    feeder.receive(JSON.stringify({ type: "event.heartbeat", payload }));
  tell(ROOM_HEARTBEAT);
  expect(await status(server)).toMatchObject({
    ...{ version: "1.0.0", elfSha256: A, slot: 1, bootCount: 7, status: "idle", confirmed: true },
  });
  const changes = async () => (await server.sql.executeQuery(CHANGES)).rows;
  const before = await changes();
  tell({ ...ROOM_HEARTBEAT, uptime_s: 120, queue: { count: 3, bytes: 9, dropped: 0 } });
  await server.background.idle();
  expect(await changes()).toEqual(before);
  tell({ ...ROOM_HEARTBEAT, safeMode: "boots_failed" });
  expect(await status(server)).toMatchObject({ safeMode: "boots_failed" });
});

/** How many rows this connection ever wrote. */
const CHANGES = {
  sql: "SELECT total_changes() AS changes",
  parameters: [],
  query: { kind: "RawNode", sqlFragments: [], parameters: [] },
  queryId: { queryId: "changes" },
} as const;

test("the stages of an update in the room are its state, with the last reason", async () => {
  const server = openServer();
  const feeder = joinAs(server, FEEDER);
  feeder.receive(JSON.stringify({ type: "event.heartbeat", payload: ROOM_HEARTBEAT }));
  const stage = { status: "rolled_back", version: "1.1.0", reason: "power_cut", sequence: 4 };
  feeder.receive(JSON.stringify({ type: "event.ota", payload: stage }));
  expect(await status(server)).toMatchObject({
    ...{ version: "1.0.0", status: "rolled_back", reason: "power_cut", updateVersion: "1.1.0" },
  });
  feeder.receive(JSON.stringify({ type: "event.heartbeat", payload: ROOM_HEARTBEAT }));
  expect(await status(server)).toMatchObject({ status: "idle", reason: "power_cut" });
});

test.each([
  { type: "event.heartbeat" },
  { type: "event.heartbeat", payload: { version: 7 } },
  { type: "event.heartbeat", payload: { version: "1.0.0", elfSha256: "short" } },
  { type: "event.ota", payload: { status: "confirmed" } },
  { type: "event.ota", payload: null },
])("nonsense in the room, %j, is nothing to keep", async (message) => {
  const server = openServer();
  joinAs(server, FEEDER).receive(JSON.stringify(message));
  expect([await status(server), server.bugs]).toEqual([undefined, []]);
});

test("only the feeder speaks for itself", async () => {
  const server = openServer();
  const member = joinAs(server, { role: "member", deviceId: "feeder-1" });
  member.receive(JSON.stringify({ type: "event.heartbeat", payload: ROOM_HEARTBEAT }));
  expect(await status(server)).toBeUndefined();
});

test("a check tells more than the status shows of anybody else", async () => {
  const server = openServer();
  const ledger: LedgerEntry[] = [{ elfSha256: B, sequence: 3, installs: 1, verdict: "image" }];
  const told = { elfSha256: A, slotBytes: 0x1000, sequence: 5, channel: "beta", ledger };
  await check(server, { ...told, current_version: "1.0.0" });
  expect(await status(server)).toEqual({
    ...{ deviceId: "feeder-1", version: "1.0.0", slot: null, bootCount: null, status: null },
    ...{ updatedTs: NOON_MS, lastCheckTs: NOON_MS, elfSha256: A, board: "feeder", chip: "esp32" },
    ...{ channel: "beta", sequence: 5, ledger, slotBytes: 0x1000, confirmed: false },
    ...{ reason: null, updateVersion: null, safeMode: null, targetVersion: null },
  });
});

function report(server: TestServer, told: object) {
  const body = { deviceId: "feeder-1", mac: "feeder-1", version: "1.1.0", ...told };
  return postJson(server, "/api/v1/report-status", body);
}

test("a result is logged once, however often it is told", async () => {
  const server = openServer();
  const result = { reportId: "r-1", elfSha256: B, sequence: 4, status: "failed" };
  const failed = { ...result, error: "sha256_mismatch" };
  for (const _ of [1, 2, 3]) {
    expect(await report(server, failed)).toEqual({ status: 200, body: { ok: true } });
  }
  await report(server, { ...failed, deviceId: "feeder-2" });
  await report(server, { ...failed, reportId: "r-2" });
  const { body } = await getJson(server, "/v1/ota/log?deviceId=feeder-1");
  const entry = { kind: "report", version: "1.1.0", ts: NOON_MS, deviceId: "feeder-1" };
  expect(body.entries).toEqual([
    { ...entry, ...failed, id: expect.any(Number), reportId: "r-2" },
    { ...entry, ...failed, id: 1 },
  ]);
});

test("reports of the first stack have no name, and are all logged under the mac", async () => {
  const server = openServer();
  const first = { mac: "aa-bb-cc-dd-ee-0f", version: "1.1.0", status: "downloading" };
  for (const _ of [1, 2])
    expect((await postJson(server, "/api/v1/report-status", first)).status).toBe(200);
  const { body } = await getJson(server, "/v1/ota/log?deviceId=aabbccddee0f");
  expect(body.entries).toMatchObject([{ status: "downloading", error: null }, { reportId: null }]);
});

test.each([
  ["crash", "image"],
  ["power_cut", "environment"],
])("a build that was rolled back for %s is held against it as %s", async (error, verdict) => {
  const server = openServer();
  const { elfSha256, sequence } = await release(server, "1.1.0");
  const ledger: LedgerEntry[] = [{ elfSha256: A, sequence: 1, installs: 2, verdict: "open" }];
  await check(server, { ledger });
  const result = { elfSha256, sequence, status: "rolled_back", error };
  await report(server, { reportId: "r-1", ...result });
  const judged = { elfSha256, sequence, installs: 1, verdict };
  expect(await status(server)).toMatchObject({
    ledger: [...ledger, judged],
    status: "rolled_back",
    reason: error,
  });
  const next = await heartbeat(server, {
    version: "0.9.0",
    elfSha256: "9".repeat(64),
    status: "idle",
  });
  expect(next.update === undefined).toBe(verdict === "image");
});

test("an image that is reported as confirmed is good", async () => {
  const server = openServer();
  await heartbeat(server, { elfSha256: B, status: "pending" });
  await report(server, { reportId: "r-1", elfSha256: A, sequence: 3, status: "confirmed" });
  expect(await status(server)).toMatchObject({ confirmed: false });
  await report(server, { reportId: "r-2", elfSha256: B, sequence: 4, status: "confirmed" });
  expect(await status(server)).toMatchObject({ confirmed: true });
});

test("a refusal of what could not be read is logged too", async () => {
  const server = openServer();
  const refused = { elfSha256: "", sequence: 0, status: "refused", error: "unsigned", version: "" };
  expect((await report(server, { reportId: "r-1", ...refused })).status).toBe(200);
  const ledger: LedgerEntry[] = [{ elfSha256: A, sequence: 1, installs: 2, verdict: "image" }];
  await check(server, { ledger });
  await report(server, { reportId: "r-2", ...refused, status: "rolled_back" });
  expect(await status(server)).toMatchObject({ ledger });
  expect((await getJson(server, "/v1/ota/log")).body.entries).toMatchObject([{}, refused]);
});

test.each([
  [{ version: "1.0.0", status: "ok" }, "invalid_device_id"],
  [{ deviceId: "a", status: "ok" }, "invalid_request"],
  [{ deviceId: "a", version: "1.0.0" }, "invalid_request"],
  [{ deviceId: "a", version: "1.0.0", status: "ok", reportId: "" }, "invalid_request"],
])("a bad report %j is refused and logged nowhere", async (body, code) => {
  const server = openServer();
  expect(await postJson(server, "/api/v1/report-status", body)).toMatchObject({ body: { code } });
  expect((await getJson(server, "/v1/ota/log")).body.entries).toEqual([]);
});
