import { expect, test } from "vitest";
import { ask, enrol, makeApiKey, openClosedServer } from "./identity/closed-server.ts";
import { FEEDER, joinAs, openServer, type TestServer } from "./server-fixture.ts";

const NAME = "PUT /v1/devices/feeder-1/name";

async function nameOf(server: TestServer, token?: string): Promise<unknown> {
  const { body } = await ask(server, "GET /v1/devices", token === undefined ? {} : { token });
  return (body.devices as { name: unknown }[])[0]?.name;
}

async function openWithFeeder() {
  const server = openServer();
  await ask(server, "GET /v1/discovery/feeder-1", {});
  const feeder = joinAs(server, FEEDER);
  const beat = async (name?: unknown) => {
    feeder.receive(JSON.stringify({ type: "event.heartbeat", payload: { name } }));
    await server.background.idle();
    return nameOf(server);
  };
  return { server, beat };
}

test("a feeder is called as it says, until an operator calls it otherwise", async () => {
  const { server, beat } = await openWithFeeder();
  expect(await nameOf(server)).toBeNull();
  expect(await beat("Am Häuschen")).toBe("Am Häuschen");
  expect(await beat()).toBe("Am Häuschen");
  expect(await beat("")).toBeNull();
  expect(await beat("Am Häuschen")).toBe("Am Häuschen");
  const given = await ask(server, NAME, { body: { name: "Apple tree" } });
  expect(given).toMatchObject({ status: 200, body: { deviceId: "feeder-1", name: "Apple tree" } });
  expect(await beat("Moved")).toBe("Apple tree");
  expect((await ask(server, NAME, { body: { name: null } })).body).toMatchObject({ name: "Moved" });
});

test.each(["", " x", "x".repeat(33), "clear \u001b[2J", "\u0000", 7, null, ["x"]])(
  "a feeder that calls itself %j has no name",
  async (name) => {
    const { beat } = await openWithFeeder();
    expect(await beat(name)).toBeNull();
  },
);

test("an operator's name is in the audit log, and a device gives itself none", async () => {
  const server = openClosedServer();
  const device = await enrol(server, "feeder-1");
  const token = await makeApiKey(server, "laptop");
  await ask(server, "GET /v1/discovery/feeder-1", { token: device });
  const body = { name: "Apple tree" };
  expect(await ask(server, NAME, { token: device, body })).toMatchObject({ status: 403 });
  expect(await ask(server, NAME, { token, body })).toMatchObject({ status: 200 });
  const { entries } = (await ask(server, "GET /v1/audit?limit=1", { token })).body;
  const named = { action: "name_device", target: "feeder-1" };
  expect(entries).toMatchObject([{ ...named, before: { name: null }, after: body }]);
});

test.each([
  [NAME, { name: "" }, 400, "invalid_request"],
  [NAME, { name: "x".repeat(33) }, 400, "invalid_request"],
  [NAME, { name: "two\nlines" }, 400, "invalid_request"],
  [NAME, {}, 400, "invalid_request"],
  ["PUT /v1/devices/feeder-9/name", { name: "x" }, 404, "not_found"],
  ["PUT /v1/devices/..x/name", { name: "x" }, 400, "invalid_device_id"],
])("%s with %j is refused", async (route, body, status, code) => {
  const { server } = await openWithFeeder();
  expect(await ask(server, route, { body })).toMatchObject({ status, body: { code } });
});
