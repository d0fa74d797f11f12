import { expect, test } from "vitest";
import type { LedgerEntry } from "../../protocol/update-messages.ts";
import {
  block,
  check,
  offeredVersion,
  openWith,
  release,
  resign,
  running,
} from "./firmware-fixture.ts";
import { getJson, openServer, postJson } from "./server-fixture.ts";

test("a feeder is offered the newest release, and the server's time", async () => {
  const server = await openWith("1.0.0", "1.10.0", "1.9.0");
  expect(await offeredVersion(server)).toBe("1.10.0");
  const request = { deviceId: "feeder-1", current_version: "1.0.0" };
  const { body } = await postJson(server, "/api/v1/check-update", request);
  expect(body).toMatchObject({ update_available: true, time: "2026-05-01T12:00:00.000Z" });
});

test("without a release there is none to offer", async () => {
  const request = { deviceId: "feeder-1", current_version: "1.0.0" };
  expect(await postJson(openServer(), "/api/v1/check-update", request)).toEqual({
    status: 200,
    body: { update_available: false, time: "2026-05-01T12:00:00.000Z" },
  });
});

test.each([
  ["another board", { board: "gateway" }],
  ["another chip", { chip: "esp32s3" }],
  ["a chip nobody knows yet", { chip: "esp64" }],
  ["a slot too small", { slotBytes: 0x100 }],
  ["a newer version", { current_version: "1.0.1" }],
  ["a higher sequence", { sequence: 2 }],
])("a feeder with %s is not offered the release", async (_, told) => {
  expect(await offeredVersion(await openWith("1.0.0"), told)).toBeUndefined();
});

test.each([
  ["the slot exactly fits", { slotBytes: 352 }],
  ["the same version is another build", { current_version: "1.0.0" }],
  ["its version is none", { current_version: "built by hand" }],
  ["the manifest it accepted is this one", { sequence: 1 }],
])("a feeder is offered the release when %s", async (_, told) => {
  const server = openServer();
  expect((await release(server, "1.0.0")).size).toBe(352);
  expect(await offeredVersion(server, told)).toBe("1.0.0");
});

test("who runs the newest build is offered nothing, not even an older one signed since", async () => {
  const server = openServer();
  await release(server, "1.0.0");
  const newest = running(await release(server, "1.1.0"));
  await resign(server, "1.0.0");
  expect(await offeredVersion(server, newest)).toBeUndefined();
  expect(await offeredVersion(server, { ...newest, elfSha256: "1".repeat(64) })).toBe("1.1.0");
});

test("of two builds of one precedence the later is the newest", async () => {
  const server = openServer();
  const first = await release(server, "1.0.0+first");
  const second = await release(server, "1.0.0+second");
  expect(await offeredVersion(server, running(first))).toBe("1.0.0+second");
  await resign(server, "1.0.0+first");
  expect(await offeredVersion(server, running(second))).toBeUndefined();
});

test("another product's releases are not this feeder's", async () => {
  const server = openServer();
  await release(server, "1.0.0", {}, { product: "birdbath" });
  expect(await offeredVersion(server)).toBeUndefined();
});

test.each([
  ["stable", "1.0.0"],
  ["beta", "1.1.0-beta"],
  ["alpha", "1.2.0-alpha"],
])("on %s a feeder is offered %s", async (channel, version) => {
  const server = await openWith("1.0.0");
  await release(server, "1.1.0-beta", { channel: "beta" });
  await release(server, "1.2.0-alpha", { channel: "alpha" });
  expect(await offeredVersion(server, { channel })).toBe(version);
});

test("what became stable is for those on beta too", async () => {
  const server = openServer();
  await release(server, "1.1.0-beta", { channel: "beta" });
  await release(server, "1.1.0");
  const onBeta = { channel: "beta", current_version: "1.1.0-beta" };
  expect(await offeredVersion(server, onBeta)).toBe("1.1.0");
});

test("a feeder too old for the newest release is led over the newest it can take", async () => {
  const server = await openWith("1.5.0");
  await release(server, "2.0.0", { minimumVersion: "1.6.0" });
  const stone = await release(server, "1.6.0");
  expect(await offeredVersion(server, { current_version: "1.0.0" })).toBe("1.6.0");
  expect(await offeredVersion(server, running(stone))).toBe("2.0.0");
});

const entry = (told: Partial<LedgerEntry>): LedgerEntry => ({
  ...{ elfSha256: "0".repeat(64), sequence: 1, installs: 1, verdict: "open", ...told },
});

test.each([
  ["open, once", { verdict: "open", installs: 1 }, true],
  ["open, twice", { verdict: "open", installs: 2 }, false],
  ["nobody's fault, once", { verdict: "environment", installs: 1 }, true],
  ["nobody's fault, twice", { verdict: "environment", installs: 2 }, false],
  ["the image's fault", { verdict: "image", installs: 1 }, false],
] as const)("a build that failed, %s: offered again %s", async (_, told, isOffered) => {
  const server = openServer();
  const { elfSha256, sequence } = await release(server, "1.0.0");
  const ledger = [entry({ elfSha256, sequence, ...told })];
  const expected = isOffered ? "1.0.0" : undefined;
  expect(await offeredVersion(server, { sequence, ledger })).toBe(expected);
});

test("signed anew, a build is offered to those who waited for that, and to nobody it failed", async () => {
  const server = openServer();
  const { elfSha256, sequence } = await release(server, "1.0.0");
  await resign(server, "1.0.0");
  const waits = entry({ elfSha256, sequence, installs: 2, verdict: "environment" });
  expect((await check(server, { sequence, ledger: [waits] }))?.manifest.sequence).toBe(2);
  const failed = entry({ elfSha256, sequence, verdict: "image" });
  expect(await offeredVersion(server, { sequence, ledger: [failed] })).toBeUndefined();
});

test("when the newest failed on it, a feeder is offered the next below", async () => {
  const server = await openWith("1.0.0");
  const { elfSha256 } = await release(server, "1.1.0");
  const ledger = [entry({ elfSha256, verdict: "image" })];
  expect(await offeredVersion(server, { ledger })).toBe("1.0.0");
});

test("a client of the first stack is answered by its version alone", async () => {
  const server = await openWith("1.0.0", "1.1.0");
  const ask = async (current_version: string, mac = "AA:BB:CC:DD:EE:0F") =>
    (await postJson(server, "/api/v1/check-update", { mac, current_version, labels: ["yard"] }))
      .body;
  expect(await ask("1.0.0")).toMatchObject({
    update_available: true,
    manifest: { version: "1.1.0", size: expect.any(Number), sha256: expect.any(String) },
  });
  expect(await ask("1.1.0", "aabbccddee0f")).toMatchObject({ update_available: false });
  await block(server, "1.1.0");
  expect(await ask("1.1.0")).toMatchObject({ manifest: { version: "1.0.0" } });
  expect((await getJson(server, "/v1/ota/status")).status).toBe(200);
  const devices = await (await server.app.request("/v1/ota/status")).json();
  expect(devices).toMatchObject([{ deviceId: "aabbccddee0f", version: "1.1.0", board: "feeder" }]);
});

test.each([
  ["{", "invalid_json"],
  ["[]", "invalid_request"],
  [{}, "invalid_request"],
  [{ current_version: "1.0.0" }, "invalid_device_id"],
  [{ current_version: "1.0.0", mac: "aa:bb:cc" }, "invalid_device_id"],
  [{ current_version: "1.0.0", mac: "aa:bb:cc:dd:ee:gg" }, "invalid_device_id"],
  [{ current_version: "1.0.0", deviceId: "no.dots", mac: "aabbccddee0f" }, "invalid_device_id"],
  [{ current_version: 1, deviceId: "a" }, "invalid_request"],
  [{ current_version: "1.0.0", deviceId: "a", channel: "nightly" }, "invalid_request"],
  [{ current_version: "1.0.0", deviceId: "a", elfSha256: "F".repeat(64) }, "invalid_request"],
  [{ current_version: "1.0.0", deviceId: "a", slotBytes: -1 }, "invalid_request"],
  [{ current_version: "1.0.0", deviceId: "a", sequence: 1.5 }, "invalid_request"],
  [{ current_version: "1.0.0", deviceId: "a", ledger: [{}] }, "invalid_request"],
  [
    { current_version: "1.0.0", deviceId: "a", ledger: Array(65).fill(entry({})) },
    "invalid_request",
  ],
])("check-update refuses %j and writes nothing", async (body, code) => {
  const server = await openWith("1.0.0");
  const answer = await postJson(server, "/api/v1/check-update", body);
  expect(answer).toMatchObject({ status: 400, body: { code } });
  expect(await (await server.app.request("/v1/ota/status")).json()).toEqual([]);
});

test("discovery tells the newest stable version for the board", async () => {
  const server = await openWith("1.0.0", "1.1.0", "1.2.0");
  await release(server, "2.0.0-beta", { channel: "beta" });
  await release(server, "3.0.0", { board: "gateway" });
  await block(server, "1.2.0");
  await check(server, { deviceId: "gateway-1", board: "gateway" });
  const told = async (id: string) => (await getJson(server, `/v1/discovery/${id}`)).body.fw_version;
  expect([await told("feeder-1"), await told("gateway-1")]).toEqual(["1.1.0", "3.0.0"]);
});
