import { expect, test } from "vitest";
import type { OfferedManifest } from "../../protocol/update-messages.ts";
import { parseUpdateCommand } from "../../protocol/update-messages.ts";
import {
  check,
  offeredVersion,
  pathOf,
  readManifest,
  release,
  running,
} from "./firmware-fixture.ts";
import {
  FEEDER,
  getJson,
  joinAs,
  openServer,
  postJson,
  type TestServer,
} from "./server-fixture.ts";

const A = "a".repeat(64);
const B = "b".repeat(64);

function command(server: TestServer, body: object) {
  return postJson(server, "/v1/ota/command", { deviceId: "feeder-1", ...body });
}

function sentManifest(message: Record<string, unknown> | undefined): OfferedManifest {
  const command = parseUpdateCommand(message?.payload);
  if (command?.action !== "update" || command.manifest === undefined) throw new Error("no offer");
  return command.manifest;
}

/** A server with two releases, and a feeder in its room that runs the first. */
async function openWithFeeder() {
  const server = openServer();
  const first = await release(server, "1.0.0");
  const second = await release(server, "1.1.0");
  await check(server, running(first));
  const feeder = joinAs(server, FEEDER);
  feeder.heard();
  return { server, feeder, first, second };
}

test("an update is sent to a feeder that is there, signed, and forced when told so", async () => {
  const { server, feeder } = await openWithFeeder();
  expect(await command(server, { action: "update", force: true })).toEqual({
    status: 202,
    body: { deviceId: "feeder-1", delivered: true },
  });
  const [message] = feeder.heard();
  expect(message).toMatchObject({
    type: "cmd.ota",
    payload: { action: "update", force: true, manifest: { version: "1.1.0" } },
  });
  const manifest = sentManifest(message);
  expect(readManifest(manifest).sequence).toBe(2);
  expect((await server.app.request(pathOf(manifest.url))).status).toBe(200);
});

test("an update without a release to take asks the feeder to look for itself", async () => {
  const { server, feeder, second } = await openWithFeeder();
  await check(server, running(second));
  await command(server, { action: "update" });
  expect(feeder.heard().map(({ payload }) => payload)).toEqual([
    { action: "update", force: false },
  ]);
});

test("a chosen version waits for a feeder that is away, and wins over the newest", async () => {
  const server = openServer();
  await release(server, "1.0.0");
  await release(server, "1.1.0");
  await check(server);
  expect(await command(server, { action: "update", version: "1.0.0" })).toEqual({
    status: 202,
    body: { deviceId: "feeder-1", delivered: false },
  });
  expect(await offeredVersion(server)).toBe("1.0.0");
  expect(await offeredVersion(server, { deviceId: "feeder-2" })).toBe("1.1.0");
  await command(server, { action: "update" });
  expect(await offeredVersion(server)).toBe("1.1.0");
});

test("a feeder stays with what was chosen for it until it is blocked", async () => {
  const { server, first } = await openWithFeeder();
  await command(server, { action: "update", version: "1.0.0" });
  expect(await offeredVersion(server, running(first))).toBeUndefined();
  await postJson(server, "/v1/releases/1.0.0/block", {});
  expect(await offeredVersion(server, running(first))).toBe("1.1.0");
});

test("an older version is chosen under a higher sequence, signed once, and left again the same way", async () => {
  const { server, feeder, second } = await openWithFeeder();
  await check(server, running(second));
  for (const _ of ["said", "and said again"]) {
    await command(server, { action: "update", version: "1.0.0" });
  }
  const sent = feeder.heard().map((message) => readManifest(sentManifest(message)).sequence);
  expect(sent).toEqual([3, 3]);
  const old = await check(server, running(second));
  expect(old?.manifest).toMatchObject({ version: "1.0.0", sequence: 3 });
  const wentBack = {
    current_version: "1.0.0",
    elfSha256: old?.manifest.elfSha256 ?? "",
    sequence: 3,
  };
  await check(server, wentBack);
  await command(server, { action: "update" });
  expect(await offeredVersion(server, wentBack)).toBe("1.1.0");
});

test("what waits for a new signature is signed anew by an operator's update", async () => {
  const { server, second } = await openWithFeeder();
  const { elfSha256, sequence } = second;
  const waits = { elfSha256, sequence, installs: 2, verdict: "environment" } as const;
  const told = { current_version: "1.0.0", sequence, ledger: [waits] };
  expect(await offeredVersion(server, told)).toBeUndefined();
  await command(server, { action: "update" });
  expect(await offeredVersion(server, told)).toBe("1.1.0");
});

test.each([
  ["that does not exist", { version: "9.9.9" }, 404, "not_found", "no release 9.9.9"],
  ["for another board", { version: "2.0.0" }, 409, "release_unsuitable", "wrong_board"],
  ["of an earlier channel", { version: "3.0.0" }, 409, "release_unsuitable", "wrong_channel"],
  ["too far ahead", { version: "4.0.0" }, 409, "release_unsuitable", "below_minimum_version"],
  ["too large", { version: "5.0.0" }, 409, "release_unsuitable", "image_too_large"],
  ["that failed on it", { version: "1.1.0" }, 409, "release_unsuitable", "image_failed_before"],
  ["that is blocked", { version: "6.0.0" }, 410, "release_blocked", undefined],
])("a version %s cannot be chosen", async (_, version, status, code, detail) => {
  const { server, feeder, first, second } = await openWithFeeder();
  await release(server, "2.0.0", { board: "gateway" });
  await release(server, "3.0.0", { channel: "alpha" });
  await release(server, "4.0.0", { minimumVersion: "2.0.0" });
  await release(server, "5.0.0", { channel: "stable" }, { bytes: 0x1e0000 });
  await release(server, "6.0.0");
  await postJson(server, "/v1/releases/6.0.0/block", {});
  const failed = {
    elfSha256: second.elfSha256,
    sequence: 2,
    installs: 1,
    verdict: "image",
  } as const;
  await check(server, { ...running(first), slotBytes: 0x100000, ledger: [failed] });
  const answer = await command(server, { action: "update", ...version });
  expect(answer).toMatchObject({ status, body: { code } });
  expect(answer.body.detail).toBe(detail);
  expect(feeder.heard()).toEqual([]);
  const told = (await (await server.app.request("/v1/ota/status")).json()) as object[];
  expect(told).toMatchObject([{ targetVersion: null }]);
});

test.each([{ action: "safe_mode" }, { action: "restart" }])(
  "%j reaches the feeder",
  async (told) => {
    const { server, feeder } = await openWithFeeder();
    expect(await command(server, told)).toMatchObject({ status: 202, body: { delivered: true } });
    expect(feeder.heard()).toMatchObject([{ type: "cmd.ota", payload: told }]);
  },
);

test("a revert names the build that ran before, or the one it was told", async () => {
  const { server, feeder, first, second } = await openWithFeeder();
  const revert = { action: "revert" };
  await command(server, revert);
  await check(server, running(second));
  await command(server, revert);
  await command(server, { ...revert, elfSha256: B });
  const named = feeder.heard().map(({ payload }) => (payload as { elfSha256?: string }).elfSha256);
  expect(named).toEqual([undefined, first.elfSha256, B]);
});

test("of builds that a room told in one breath the last but one is gone back to", async () => {
  const server = openServer();
  const feeder = joinAs(server, FEEDER);
  for (const elfSha256 of [A, B, "c".repeat(64)]) {
    const payload = { version: "1.0.0", elfSha256 };
    feeder.receive(JSON.stringify({ type: "event.heartbeat", payload }));
  }
  await server.background.idle();
  await command(server, { action: "revert" });
  expect(feeder.heard().at(-1)).toMatchObject({ payload: { action: "revert", elfSha256: B } });
});

test.each(["revert", "safe_mode", "restart"])("%s needs the feeder in its room", async (action) => {
  const server = openServer();
  await check(server);
  joinAs(server, { role: "member", deviceId: "feeder-1" });
  expect(await command(server, { action })).toMatchObject({
    status: 409,
    body: { code: "device_offline" },
  });
});

test("nobody is told anything under a name nobody has", async () => {
  const server = openServer();
  await release(server, "1.0.0");
  for (const action of ["update", "restart"]) {
    expect(await command(server, { action })).toMatchObject({ status: 404 });
  }
  await getJson(server, "/v1/discovery/feeder-1");
  expect((await command(server, { action: "update" })).status).toBe(202);
});

test("a version can be chosen for a feeder that has told nothing of itself yet", async () => {
  const server = openServer();
  await release(server, "1.0.0");
  await release(server, "1.1.0");
  const feeder = joinAs(server, FEEDER);
  await command(server, { action: "update", version: "1.0.0" });
  expect(feeder.heard().at(-1)).toMatchObject({ payload: { manifest: { version: "1.0.0" } } });
  expect(await offeredVersion(server)).toBe("1.0.0");
});

test.each([
  [{ action: "update", deviceId: "no.dots" }, "invalid_device_id"],
  [{}, "invalid_request"],
  [{ action: "explode" }, "invalid_request"],
  [{ action: "update", force: "yes" }, "invalid_request"],
  [{ action: "revert", elfSha256: A.toUpperCase() }, "invalid_request"],
])("the command %j is refused", async (body, code) => {
  expect(await command(openServer(), body)).toMatchObject({ status: 400, body: { code } });
});
