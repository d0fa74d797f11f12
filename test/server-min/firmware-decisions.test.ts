import { expect, test } from "vitest";
import { parseCompactJws } from "../../protocol/jws.ts";
import { makeSigningKey, readSigningKey } from "../../server-min/firmware/signing-key.ts";
import {
  block,
  check,
  makeImage,
  offeredVersion,
  openWith,
  publish,
  release,
  resign,
  running,
} from "./firmware-fixture.ts";
import { getJson, NOON_MS, openServer, postJson, type TestServer } from "./server-fixture.ts";

const DAY_MS = 86_400_000;

function set(
  server: TestServer,
  version: string,
  columns: { sequence?: number; minimum_version?: string },
) {
  return server.sql.updateTable("releases").set(columns).where("version", "=", version).execute();
}

async function sequences(server: TestServer) {
  const { releases } = (await getJson(server, "/v1/releases")).body;
  return (releases as { version: string; sequence: number }[]).map(
    ({ version, sequence }) => `${version} ${sequence}`,
  );
}

test("a stepping stone signed anew takes along what is installed over it", async () => {
  const server = await openWith("1.0.0", "1.1.0");
  await set(server, "1.1.0", { minimum_version: "1.0.0" });
  await resign(server, "1.0.0");
  expect(await sequences(server)).toEqual(["1.1.0 4", "1.0.0 3"]);
});

test("what may be installed over anything is signed anew by nobody but an operator", async () => {
  const server = await openWith("1.1.0");
  await publish(server, makeImage({ version: "1.0.0" }));
  await resign(server, "1.0.0");
  expect(await sequences(server)).toEqual(["1.1.0 1", "1.0.0 3"]);
});

test("what a crash kept from being signed anew is, when it is published again", async () => {
  const server = await openWith("1.1.0", "1.0.0");
  await set(server, "1.1.0", { sequence: 1, minimum_version: "0.0.1" });
  await publish(server, makeImage({ version: "1.0.0" }));
  expect((await check(server))?.manifest).toMatchObject({ version: "1.1.0", sequence: 3 });
});

test("who runs a blocked release is offered the one before, under a higher sequence, burnt once", async () => {
  const server = openServer();
  const good = await release(server, "1.0.0");
  const bad = await release(server, "1.1.0");
  expect((await block(server, "1.1.0")).body.blocked).toEqual({
    at: "2026-05-01T12:00:00.000Z",
    reason: "squeaks",
  });
  for (const _ of ["a poll", "and the next"]) {
    const offered = await check(server, running(bad));
    expect(offered?.manifest).toMatchObject({ version: "1.0.0", sequence: 3 });
  }
  await block(server, "1.1.0");
  expect((await check(server, running(bad)))?.manifest.sequence).toBe(3);
  expect(await offeredVersion(server, running(good))).toBeUndefined();
  expect(await offeredVersion(server)).toBe("1.0.0");
});

test("a release is blocked without a reason too", async () => {
  const server = await openWith("1.0.0");
  const at = "2026-05-01T12:00:00.000Z";
  for (const body of ["", {}]) {
    const { status, body: blocked } = await postJson(server, "/v1/releases/1.0.0/block", body);
    expect([status, blocked.blocked]).toEqual([200, { at, reason: null }]);
  }
  expect((await postJson(server, "/v1/releases/1.0.0/block", "{")).status).toBe(400);
});

test("a blocked release is not signed anew", async () => {
  const server = await openWith("1.0.0");
  await block(server, "1.0.0");
  expect(await postJson(server, "/v1/releases/1.0.0/resign", {})).toMatchObject({
    status: 410,
    body: { code: "release_blocked" },
  });
});

test("blocked one after the other, each release hands its feeders on to the one before", async () => {
  const server = openServer();
  await release(server, "1.0.0");
  const second = await release(server, "1.1.0");
  const third = await release(server, "1.2.0");
  await block(server, "1.2.0");
  await block(server, "1.1.0");
  for (const stranded of [second, third]) {
    expect(await offeredVersion(server, running(stranded))).toBe("1.0.0");
  }
  const back = { ...running(second), sequence: 4 };
  expect(await offeredVersion(server, back)).toBe("1.0.0");
});

test("before a blocked beta a stable release is good, an alpha is not", async () => {
  const server = await openWith("1.0.0");
  await release(server, "1.1.0-alpha", { channel: "alpha" });
  const beta = await release(server, "1.1.0-beta", { channel: "beta" });
  await block(server, "1.1.0-beta");
  expect(await offeredVersion(server, { ...running(beta), channel: "beta" })).toBe("1.0.0");
});

test("an offer never expires: past half of its life it is signed anew under the same sequence", async () => {
  const server = openServer();
  await release(server, "1.0.0", { expiresDays: "10" });
  const first = await check(server);
  server.clock.advance(5 * DAY_MS);
  expect((await check(server))?.offered.jws).toBe(first?.offered.jws);
  server.clock.advance(1);
  const fresh = await check(server);
  const expiresMs = NOON_MS + 15 * DAY_MS + 1;
  expect(fresh?.manifest).toEqual({
    ...first?.manifest,
    issuedMs: expiresMs - 10 * DAY_MS,
    expiresMs,
  });
  expect((await check(server))?.offered.jws).toBe(fresh?.offered.jws);
});

test("a poll that renews a signature does not undo a higher sequence given meanwhile", async () => {
  const server = await openWith("1.0.0");
  // From before the first read of the poll to after its last write.
  for (let delay = 0; delay < 60; delay++) {
    server.clock.advance(16 * DAY_MS);
    const poll = check(server);
    for (let turn = 0; turn < delay; turn++) await Promise.resolve();
    await Promise.all([poll, resign(server, "1.0.0")]);
    expect((await check(server))?.manifest.sequence).toBe(delay + 2);
  }
});

test("when the server's key is another, its releases are signed by that, under their sequences", async () => {
  const before = openServer();
  const { sequence } = await release(before, "1.0.0");
  const signingKey = readSigningKey(makeSigningKey());
  const server = openServer({ ...before, signingKey });
  const request = { deviceId: "feeder-1", current_version: "0.9.0" };
  const { body } = await postJson(server, "/api/v1/check-update", request);
  const { jws } = body.manifest as { jws: string };
  const parts = parseCompactJws(jws);
  expect(parts?.kid).toBe(signingKey?.kid);
  expect(JSON.parse(parts?.payload ?? "")).toMatchObject({ sequence });
});
