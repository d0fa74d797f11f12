import { expect, test } from "vitest";
import { ask, enrol, makeApiKey, openClosedServer } from "./identity/closed-server.ts";
import { FEEDER, joinAs, openServer } from "./server-fixture.ts";

const LOG = "POST /v1/devices/feeder-1/log";

test("the feeder is told, and the audit log says who has asked", async () => {
  const server = openClosedServer();
  await enrol(server, "feeder-1");
  const token = await makeApiKey(server, "laptop");
  const { heard } = joinAs(server, FEEDER);
  expect(await ask(server, LOG, { token, body: { minutes: 5 } })).toMatchObject({ status: 202 });
  const payload = { level: "info", minutes: 5 };
  expect(heard().at(-1)).toMatchObject({ type: "cmd.log", payload });
  const { body } = await ask(server, "GET /v1/audit?limit=1", { token });
  expect(body.entries).toMatchObject([
    { who: "laptop", action: "follow_log", target: "feeder-1", after: payload },
  ]);
});

test("lines go to who is there, and push no event out that the page may still ask for", async () => {
  const server = openServer();
  const feeder = joinAs(server, FEEDER);
  const watcher = joinAs(server, FEEDER);
  const message = { type: "event.log", payload: { lines: [], dropped: 0 } };
  feeder.receive(JSON.stringify({ type: "event.visit", payload: {} }));
  for (let count = 0; count < 300; count++) feeder.receive(JSON.stringify(message));
  expect(watcher.heard().at(-1)).toMatchObject(message);
  const { body } = await ask(server, "GET /v1/events", {});
  expect(body.events).toMatchObject([{ type: "event.visit" }]);
});

test.each([
  [LOG, { minutes: 61 }, 400, "invalid_request"],
  [LOG, { minutes: 0.5 }, 400, "invalid_request"],
  [LOG, { minutes: 5, level: "debug" }, 400, "invalid_request"],
  [LOG, "x", 400, "invalid_request"],
  ["POST /v1/devices/feeder-9/log", { minutes: 5 }, 404, "not_found"],
  ["POST /v1/devices/..x/log", { minutes: 5 }, 400, "invalid_device_id"],
])("%s with %j is refused", async (route, body, status, code) => {
  const server = openServer();
  joinAs(server, FEEDER);
  expect(await ask(server, route, { body })).toMatchObject({ status, body: { code } });
});

test("a feeder that is away is not told", async () => {
  const server = openServer();
  await ask(server, "GET /v1/discovery/feeder-1", {});
  expect(await ask(server, LOG, { body: { minutes: 5 } })).toMatchObject({
    ...{ status: 409, body: { code: "device_offline" } },
  });
});
