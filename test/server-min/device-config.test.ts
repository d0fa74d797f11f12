import { expect, test } from "vitest";
import { ask, enrol, makeApiKey, openClosedServer } from "./identity/closed-server.ts";
import { FEEDER, joinAs, openServer } from "./server-fixture.ts";

const CONFIG = "/v1/devices/feeder-1/config";

test("a change is in the audit log, with what was before", async () => {
  const server = openClosedServer();
  await enrol(server, "feeder-1");
  const token = await makeApiKey(server, "laptop");
  joinAs(server, FEEDER);
  await ask(server, `PUT ${CONFIG}`, { token, body: { clipSeconds: 0 } });
  await ask(server, `PATCH ${CONFIG}`, { token, body: { clipSeconds: 3 } });
  const { body } = await ask(server, "GET /v1/audit?limit=1", { token });
  expect(body.entries).toMatchObject([
    {
      ...{ who: "laptop", action: "configure_device", target: "feeder-1" },
      before: { version: 1, settings: { clipSeconds: 0 } },
      after: { version: 2, settings: { clipSeconds: 3 } },
    },
  ]);
});

test("a device reads its own, and changes nothing", async () => {
  const server = openClosedServer();
  const token = await enrol(server, "feeder-1");
  await ask(server, "GET /v1/discovery/feeder-1", { token });
  expect(await ask(server, `GET ${CONFIG}`, { token })).toMatchObject({ status: 200 });
  expect(await ask(server, `PUT ${CONFIG}`, { token, body: {} })).toMatchObject({ status: 403 });
});

test("the answer to a heartbeat over HTTP has the version that is wanted", async () => {
  const server = openServer();
  joinAs(server, FEEDER);
  const beat = { body: { deviceId: "feeder-1", version: "1.0.0" } };
  const versionOf = async () =>
    (await ask(server, "POST /v1/ota/heartbeat", beat)).body.configVersion;
  expect(await versionOf()).toBeNull();
  await ask(server, `PUT ${CONFIG}`, { body: {} });
  expect(await versionOf()).toBe(1);
});

test.each([
  ["GET /v1/devices/feeder-9/config", undefined, 404, "not_found"],
  ["PUT /v1/devices/feeder-9/config", {}, 404, "not_found"],
  ["GET /v1/devices/..x/config", undefined, 400, "invalid_device_id"],
  [`PUT ${CONFIG}`, [], 400, "invalid_request"],
  [`PATCH ${CONFIG}`, "x", 400, "invalid_request"],
  [`PATCH ${CONFIG}`, { clipSeconds: "5" }, 422, "invalid_settings"],
  [`PUT ${CONFIG}`, { clipSeconds: null }, 422, "invalid_settings"],
  [`POST ${CONFIG}`, {}, 405, "method_not_allowed"],
])("%s with %j is refused", async (route, body, status, code) => {
  const server = openServer();
  joinAs(server, FEEDER);
  const asking = body === undefined ? {} : { body };
  expect(await ask(server, route, asking)).toMatchObject({ status, body: { code } });
});

test("a device that tells of versions without end leaves its operator some to set", async () => {
  const server = openServer();
  const feeder = joinAs(server, FEEDER);
  const latest = Number.MAX_SAFE_INTEGER;
  const payload = { status: "applied", version: latest, latest };
  feeder.receive(JSON.stringify({ type: "event.config", payload }));
  await server.background.idle();
  for (const version of [1, 2, 3]) {
    const set = await ask(server, `PATCH ${CONFIG}`, { body: { clipSeconds: version } });
    expect(set).toMatchObject({ status: 200, body: { version } });
  }
});

test.each([
  { status: "applied", version: 1e20, latest: 0 },
  { status: "fine", version: 0, latest: 0 },
  { status: "applied", version: 0, latest: 0, reason: "a\u0000" },
  "applied",
  null,
])("a report that is none is no news: %j", async (config) => {
  const server = openServer();
  const feeder = joinAs(server, FEEDER);
  feeder.receive(JSON.stringify({ type: "event.heartbeat", payload: { config } }));
  feeder.receive(JSON.stringify({ type: "event.config", payload: config }));
  await server.background.idle();
  expect((await ask(server, `GET ${CONFIG}`)).body.reported).toBeNull();
  expect(server.bugs).toEqual([]);
});
