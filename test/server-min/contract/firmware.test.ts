import { expect, test } from "vitest";
import {
  block,
  check,
  makeImage,
  offeredVersion,
  publish,
  release,
  resign,
  running,
} from "../firmware-fixture.ts";
import { FEEDER, getJson, joinAs, NOON_MS, postJson, type TestServer } from "../server-fixture.ts";
import { describeDatabases, serverOn } from "./databases.ts";

async function statusOf(server: TestServer) {
  await server.background.idle();
  const answer = await server.app.request("/v1/ota/status");
  return (await answer.json()) as Record<string, unknown>[];
}

function heartbeat(server: TestServer, deviceId: string, told: object = {}) {
  return postJson(server, "/v1/ota/heartbeat", { deviceId, version: "1.0.0", ...told });
}

/** By precedence (semver.org, section 11), highest first. */
const VERSIONS = [
  "10.0.0",
  "2.0.0",
  "1.10.0",
  "1.9.0",
  "1.0.0",
  "1.0.0-rc.10",
  "1.0.0-rc.9",
  "1.0.0-beta-2",
  "1.0.0-beta.1",
  "1.0.0-beta",
  "1.0.0-alpha.beta",
  "1.0.0-alpha.1",
  "1.0.0-Beta",
  "1.0.0-1",
];

describeDatabases(({ make }) => {
  test("releases are listed by the precedence of their versions, and the highest is offered", async () => {
    const server = await serverOn(await make());
    for (const version of VERSIONS.toSorted()) await release(server, version);
    const { body } = await getJson(server, "/v1/releases");
    expect((body.releases as { version: string }[]).map(({ version }) => version)).toEqual(
      VERSIONS,
    );
    expect(await offeredVersion(server)).toBe("10.0.0");
    expect((await getJson(server, "/v1/discovery/feeder-1")).body.fw_version).toBe("10.0.0");
    expect(server.bugs).toEqual([]);
  });

  test("of two builds of one precedence and moment one stays the newest, whatever is signed anew", async () => {
    const server = await serverOn(await make());
    for (const version of ["1.0.0+b", "1.0.0+c", "1.0.0+a"]) await release(server, version);
    const { body } = await getJson(server, "/v1/releases");
    const listed = (body.releases as { version: string }[]).map(({ version }) => version);
    for (const version of listed) {
      await resign(server, version);
      expect(await offeredVersion(server)).toBe(listed[0]);
      expect((await getJson(server, "/v1/discovery/a")).body.fw_version).toBe(listed[0]);
      expect((await getJson(server, "/v1/releases")).body.releases).toMatchObject(
        listed.map((version) => ({ version })),
      );
    }
  });

  test("whoever runs a blocked release is offered the one before, under a higher sequence", async () => {
    const server = await serverOn(await make());
    await release(server, "1.0.0-rc.9");
    await release(server, "1.0.0-rc.10");
    const bad = await release(server, "1.0.0");
    await check(server, running(bad));
    await block(server, "1.0.0");
    const offered = await check(server, running(bad));
    expect(offered?.manifest).toMatchObject({ version: "1.0.0-rc.10", sequence: bad.sequence + 1 });
    await resign(server, "1.0.0-rc.9");
    const { body } = await getJson(server, "/v1/releases/1.0.0-rc.9");
    expect(body).toMatchObject({ sequence: bad.sequence + 2, blocked: null });
    expect((await block(server, "1.0.0")).body.blocked).toMatchObject({ reason: "squeaks" });
  });

  test("a release keeps every character of its notes and its times", async () => {
    const server = await serverOn(await make());
    const notes = "O'Hara's \"Rotkehlchen\"; -- größer, \u{1f426}\n$1 ?";
    const published = await release(server, "1.0.0", { notes });
    expect(published).toMatchObject({ notes, published: new Date(NOON_MS).toISOString() });
    expect((await getJson(server, "/v1/releases/1.0.0")).body).toEqual(published);
  });

  test("of two servers that publish one version at once, one has it; no sequence is given twice", async () => {
    const database = await make();
    const one = await serverOn(database);
    const other = await serverOn(database);
    const answers = await Promise.all([
      publish(one, makeImage({ version: "1.0.0", code: "a()" })),
      publish(other, makeImage({ version: "1.0.0", code: "b()" })),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    const raced = await Promise.all([
      ...["1.1.0", "1.2.0"].map((version) => release(one, version)),
      ...["1.3.0", "1.4.0"].map((version) => release(other, version)),
    ]);
    expect(new Set(raced.map(({ sequence }) => sequence)).size).toBe(4);
  });

  test("an image that does not fit names the devices, in the order of the bytes of their ids", async () => {
    const server = await serverOn(await make());
    for (const deviceId of ["b", "a-1", "B", "a_1"]) {
      await check(server, { deviceId, slotBytes: 0x1000 });
    }
    await check(server, { deviceId: "large" });
    await check(server, { deviceId: "beta", slotBytes: 0x1000, channel: "beta" });
    const { status, body } = await publish(server, makeImage({ bytes: 0x2000 }));
    expect([status, body.devices]).toEqual([409, ["B", "a-1", "a_1", "b", "beta"]]);
  });

  test("what devices told comes back as it was told", async () => {
    const server = await serverOn(await make());
    const most = Number.MAX_SAFE_INTEGER;
    await heartbeat(server, "a", { slot: 0, bootCount: most, status: "idle" });
    await heartbeat(server, "B", { slot: "B", bootCount: 1 });
    await heartbeat(server, "a-1", { slot: "0", status: "\ud800 '\u{1f426}" });
    await heartbeat(server, "a_1");
    await check(server, { deviceId: "a", current_version: "1.0.0", sequence: most });
    expect(await statusOf(server)).toMatchObject([
      { deviceId: "B", slot: "B", bootCount: 1, status: "boot", confirmed: false },
      { deviceId: "a", slot: 0, bootCount: most, sequence: most, confirmed: true },
      { deviceId: "a-1", slot: "0", bootCount: null, status: "\ufffd '\u{1f426}" },
      { deviceId: "a_1", slot: null, updatedTs: NOON_MS, lastCheckTs: null },
    ]);
    await heartbeat(server, "B", { bootCount: 2 });
    expect((await statusOf(server))[0]).toMatchObject({ slot: "B", bootCount: 2 });
  });

  test("the room tells the same columns", async () => {
    const server = await serverOn(await make());
    const payload = { version: "1.0.0", slot: 1, bootCount: 7, update: "idle" };
    joinAs(server, FEEDER).receive(JSON.stringify({ type: "event.heartbeat", payload }));
    expect(await statusOf(server)).toMatchObject([{ slot: 1, bootCount: 7, confirmed: true }]);
    expect(server.bugs).toEqual([]);
  });

  test("an operator's choice waits for a device that is known", async () => {
    const server = await serverOn(await make());
    await release(server, "1.0.0");
    await release(server, "1.1.0");
    const choice = { deviceId: "feeder-1", action: "update", version: "1.0.0" };
    expect((await postJson(server, "/v1/ota/command", choice)).status).toBe(404);
    await check(server);
    expect((await postJson(server, "/v1/ota/command", choice)).status).toBe(202);
    expect(await offeredVersion(server)).toBe("1.0.0");
    expect(await statusOf(server)).toMatchObject([{ targetVersion: "1.0.0" }]);
  });

  test("a result with a name is logged once, one without each time; newest first", async () => {
    const server = await serverOn(await make());
    const report = (told: object) =>
      postJson(server, "/api/v1/report-status", {
        deviceId: "feeder-1",
        version: "1.1.0",
        ...told,
      });
    for (const reportId of ["r-1", "r-1", "r-2", "r-1"]) {
      await report({ reportId, status: "failed", error: "sha256_mismatch", sequence: 4 });
    }
    for (const _ of [1, 2]) await report({ status: "downloading" });
    await report({ deviceId: "feeder-2", reportId: "r-1", status: "confirmed" });
    const { body } = await getJson(server, "/v1/ota/log?deviceId=feeder-1");
    const entries = body.entries as { id: number; reportId: string | null }[];
    expect(entries.map(({ reportId }) => reportId)).toEqual([null, null, "r-2", "r-1"]);
    expect(entries.every(({ id }) => typeof id === "number")).toBe(true);
    const all = (await getJson(server, "/v1/ota/log?limit=2")).body.entries;
    expect(all).toMatchObject([{ deviceId: "feeder-2" }, { deviceId: "feeder-1", error: null }]);
  });

  test.each([
    ["/v1/ota/heartbeat", { deviceId: "a", version: "1\0" }],
    ["/api/v1/report-status", { deviceId: "a", version: "1", status: "failed", error: "\0" }],
    ["/v1/releases/1.0.0/block", { reason: "squeaks\0" }],
    ["/v1/ota/command", { deviceId: "a", action: "update", version: "\0" }],
    ["/v1/releases/1.0.0%00/block", {}],
  ])("%s %j: a character that not every database can hold is refused", async (path, body) => {
    const server = await serverOn(await make());
    await heartbeat(server, "a");
    expect(await postJson(server, path, body)).toMatchObject({
      status: 400,
      body: { code: "invalid_request" },
    });
  });

  test.each(["/v1/releases/%00", "/v1/objects/photos/a%00b", "/v1/releases?notes=%00"])(
    "%s names nothing that could be looked up",
    async (path) => {
      const server = await serverOn(await make());
      expect(await getJson(server, path)).toMatchObject({ status: 400 });
    },
  );

  test("such a character in a room is nothing to keep", async () => {
    const server = await serverOn(await make());
    const feeder = joinAs(server, FEEDER);
    const tell = (told: object) => {
      const payload = { version: "1.0.0", ...told };
      feeder.receive(JSON.stringify({ type: "event.heartbeat", payload }));
    };
    tell({ version: "1\0" });
    tell({ slot: "\0" });
    expect([await statusOf(server), server.bugs]).toEqual([[], []]);
  });
});
