import { expect, test } from "vitest";
import { ask, makeApiKey, openClosedServer } from "./identity/closed-server.ts";
import { getJson, openServer, postJson, storePhoto, type TestServer } from "./server-fixture.ts";

/** Reads a list by its pages, as a client that follows `next`. */
async function follow(server: TestServer, path: string, list: string, cursor = "after") {
  const pages: unknown[][] = [];
  let query = "?limit=2";
  for (let page = 0; page < 9; page++) {
    const { body } = await getJson(server, `${path}${query}`);
    pages.push(body[list] as unknown[]);
    if (body.next === undefined) return pages;
    query = `?limit=2&${cursor}=${encodeURIComponent(String(body.next))}`;
  }
  throw new Error("no end");
}

test("devices are read in pages, and in one where they are few", async () => {
  const server = openServer();
  for (const id of ["e", "b", "d", "a", "c"]) {
    await getJson(server, `/v1/discovery/feeder-${id}`);
  }
  const pages = await follow(server, "/v1/devices", "devices");
  const ids = (page: unknown) => (page as { deviceId: string }[]).map(({ deviceId }) => deviceId);
  expect(pages.map(ids)).toEqual([
    ["feeder-a", "feeder-b"],
    ["feeder-c", "feeder-d"],
    ["feeder-e"],
  ]);
  const { body } = await getJson(server, "/v1/devices");
  expect(Object.keys(body)).toEqual(["devices"]);
  expect(ids(body.devices)).toEqual(pages.flatMap(ids));
});

test("of more than a thousand devices the first thousand are told, and where to go on", async () => {
  const server = openServer();
  const row = (n: number) => ({ device_id: `feeder-${1000 + n}`, last_seen_ms: 0 });
  const rows = Array.from({ length: 1_001 }, (_, n) => row(n));
  await server.sql.insertInto("devices").values(rows).execute();
  const { body } = await getJson(server, "/v1/devices");
  expect(body).toMatchObject({ devices: { length: 1_000 }, next: "feeder-1999" });
  const rest = await getJson(server, "/v1/devices?after=feeder-1999");
  expect(rest.body).toMatchObject({ devices: [{ deviceId: "feeder-2000" }] });
  expect(rest.body).not.toHaveProperty("next");
});

test("a page of a viewer's is full of its own devices", async () => {
  const server = openClosedServer();
  const token = await makeApiKey(server);
  const rows = ["a", "b", "c", "d"].map((device_id) => ({ device_id, last_seen_ms: 0 }));
  await server.sql.insertInto("devices").values(rows).execute();
  const viewer = await ask(server, "POST /v1/viewer-token", { token, body: { rooms: ["b", "d"] } });
  const watch = { token: String(viewer.body.token) };
  const first = await ask(server, "GET /v1/devices?limit=1", watch);
  expect(first.body).toMatchObject({ devices: [{ deviceId: "b" }], next: "b" });
  const second = await ask(server, "GET /v1/devices?limit=1&after=b", watch);
  expect(second.body).toMatchObject({ devices: [{ deviceId: "d" }] });
  expect(second.body).not.toHaveProperty("next");
});

test("a busy day is read in pages, also when photos share a millisecond", async () => {
  const server = openServer();
  for (const captureId of ["c1", "c2", "c3", "c4"]) {
    await storePhoto(server, { captureId, capturedAt: "2026-05-01T06:00:00Z" });
  }
  await storePhoto(server, { captureId: "c0", capturedAt: "2026-05-01T05:59:59.999Z" });
  const path = "/v1/index/feeder-1/2026-05-01";
  const pages = await follow(server, path, "events");
  expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
  const { body } = await getJson(server, path);
  expect(body).not.toHaveProperty("next");
  expect(body.events).toEqual(pages.flat());
});

test("the firmware of the devices is a list, whose next page is in its head", async () => {
  const server = openServer();
  for (const deviceId of ["a", "b", "c"]) {
    await postJson(server, "/v1/ota/heartbeat", { deviceId, version: "1.0.0" });
  }
  const read = async (query: string) => {
    const answer = await server.app.request(`/v1/ota/status${query}`);
    const ids = ((await answer.json()) as { deviceId: string }[]).map(({ deviceId }) => deviceId);
    return [ids.join(), answer.headers.get("Link")];
  };
  expect(await read("")).toEqual(["a,b,c", null]);
  expect(await read("?limit=2")).toEqual(["a,b", '<?limit=2&after=b>; rel="next"']);
  expect(await read("?limit=2&after=b")).toEqual(["c", null]);
});

test("the audit log tells where to go on", async () => {
  const server = openServer();
  for (const name of ["a", "b", "c"]) await postJson(server, "/v1/api-keys", { name });
  const pages = await follow(server, "/v1/audit", "entries", "before");
  expect(pages.map(({ length }) => length)).toEqual([2, 1]);
});

test.each([
  ...["/v1/devices", "/v1/ota/status", "/v1/index/feeder-1/2026-05-01"].flatMap((path) =>
    ["limit=0", "limit=9999", "limit=-1", "limit=1e2", "limit=", `after=${"x".repeat(401)}`].map(
      (query) => `${path}?${query}`,
    ),
  ),
  "/v1/index/feeder-1/2026-05-01?after=photos",
])("%s is refused", async (path) => {
  const body = { code: "invalid_request" };
  expect(await getJson(openServer(), path)).toMatchObject({ status: 400, body });
});
