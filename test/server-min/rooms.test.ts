import { createHmac } from "node:crypto";
import type { JWTPayload } from "jose";
import { SignJWT } from "jose";
import { expect, test } from "vitest";
import { Rooms } from "../../server-min/relay/rooms.ts";
import {
  FEEDER,
  getJson,
  joinAs,
  joinEverybody,
  joinWith,
  NOON_MS,
  openServer,
  postJson,
  SettableClock,
  VIEWER,
} from "./server-fixture.ts";

const EPOCH = NOON_MS.toString(36);

test("who joins is greeted with the room", () => {
  const server = openServer();
  const greeting = { type: "system", message: "connected", ts: NOON_MS };
  expect(joinAs(server, FEEDER).heard()).toEqual([
    { ...greeting, deviceId: "feeder-1", rooms: ["feeder-1"] },
  ]);
  expect(joinAs(server, VIEWER).heard()).toEqual([{ ...greeting, deviceId: "*", rooms: ["*"] }]);
});

test("a message reaches the others in the room and every viewer, stamped", () => {
  const { feeder, member, viewer, neighbour } = joinEverybody();
  feeder.receive(`{"type":"telemetry","weight_g":12,"deviceId":"feeder-2","eventId":"mine"}`);
  feeder.receive(`{"type":"event.visit","ts":1234}`);
  const relayed = [
    { type: "telemetry", weight_g: 12, deviceId: "feeder-1", ts: NOON_MS, eventId: `${EPOCH}-1` },
    { type: "event.visit", deviceId: "feeder-1", ts: 1234, eventId: `${EPOCH}-2` },
  ];
  expect(member.heard()).toEqual(relayed);
  expect(viewer.heard()).toEqual(relayed);
  expect(feeder.heard()).toEqual([]);
  expect(neighbour.heard()).toEqual([]);
});

test("who left neither hears nor speaks", () => {
  const { feeder, member, viewer } = joinEverybody();
  member.leave();
  feeder.receive(`{"type":"event.visit"}`);
  member.receive(`{"type":"event.visit"}`);
  expect(member.heard()).toEqual([]);
  expect(viewer.heard()).toHaveLength(1);
});

test("a ping is answered to its sender alone", () => {
  const { feeder, viewer } = joinEverybody();
  feeder.receive(`{"type":"ping"}`);
  viewer.receive(`{"type":"ping"}`);
  expect(feeder.heard()).toEqual([{ type: "pong", ts: NOON_MS }]);
  expect(viewer.heard()).toEqual([{ type: "pong", ts: NOON_MS }]);
});

test.each([
  ["no JSON", "hello", "invalid_json"],
  ["cut JSON", `{"type":`, "invalid_json"],
  ["a list", "[]", "invalid_payload"],
  ["a text", `"event"`, "invalid_payload"],
  ["null", "null", "invalid_payload"],
  ["no type", "{}", "missing_type"],
  ["a number as type", `{"type":1}`, "missing_type"],
])("a message that is %s is answered with an error and goes nowhere", (_, text, message) => {
  const { feeder, viewer } = joinEverybody();
  feeder.receive(text);
  expect(feeder.heard()).toEqual([{ type: "error", message }]);
  expect(viewer.heard()).toEqual([]);
});

test("a viewer may not send", () => {
  const { feeder, viewer } = joinEverybody();
  viewer.receive(`{"type":"event.photo","deviceId":"feeder-1"}`);
  expect(viewer.heard()).toEqual([{ type: "error", message: "read_only" }]);
  expect(feeder.heard()).toEqual([]);
});

test("a message is nested in 500 levels at most, however little they hold", () => {
  const { feeder, viewer } = joinEverybody();
  const nest = (levels: number) =>
    feeder.receive(`{"type":"deep","list":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`);
  nest(501);
  nest(30_000);
  expect(feeder.heard()).toMatchObject([{ message: "invalid_json" }, { message: "invalid_json" }]);
  expect(viewer.heard()).toEqual([]);
  nest(500);
  expect(viewer.heard()).toHaveLength(1);
});

const SECRET = new TextEncoder().encode("dev-only");

test("a token that another library signed opens the room", async () => {
  const rooms = new Rooms(new SettableClock(), "dev-only");
  const token = await new SignJWT({ deviceId: "feeder-1" })
    .setProtectedHeader({ alg: "HS256" })
    .sign(SECRET);
  expect(joinWith(rooms, token).heard()).toMatchObject([{ deviceId: "feeder-1" }]);
});

/** A token whose header says `alg`, with the signature that HS256 would have. */
function signedAs(alg: string, claims: object): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const content = `${encode({ alg })}.${encode(claims)}`;
  return `${content}.${createHmac("sha256", "dev-only").update(content).digest("base64url")}`;
}

function unsigned(claims: object): string {
  return signedAs("none", claims).replace(/[^.]+$/, "");
}

test.each([
  ["is missing", "token_missing", async () => undefined],
  ["is empty", "token_missing", async () => ""],
  ["is no token", "token_invalid", async () => "a.b"],
  ["has a part too many", "token_invalid", async () => `${await signed({ deviceId: "f" })}.x`],
  ["is unsigned", "token_invalid", async () => unsigned({ deviceId: "f" })],
  ["is of another algorithm", "token_invalid", () => signed({ deviceId: "f" }, { alg: "HS512" })],
  ["says another algorithm", "token_invalid", async () => signedAs("none", { deviceId: "f" })],
  ["is of another secret", "token_invalid", () => signed({ deviceId: "f" }, {}, "other")],
  ["has expired", "token_expired", () => signed({ deviceId: "f", exp: NOON_MS / 1000 })],
  [
    "expires some day",
    "token_invalid",
    async () => signedAs("HS256", { deviceId: "f", exp: "soon" }),
  ],
  ["names no device", "token_invalid", () => signed({})],
  ["names a bad device", "token_invalid", () => signed({ deviceId: "../x" })],
  ["is a viewer's of no room", "token_invalid", () => signed({ role: "viewer", rooms: [] })],
  ["is a viewer's of a bad room", "token_invalid", () => signed({ role: "viewer", rooms: ["/"] })],
])("a token that %s is refused: %s", async (_, reason, makeToken) => {
  const rooms = new Rooms(new SettableClock(), "dev-only");
  const peer = { send: () => {}, close: () => {} };
  expect(rooms.join(await makeToken(), peer)).toEqual({ kind: "refused", reason });
});

async function signed(claims: JWTPayload, header = {}, secret = "dev-only") {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", ...header })
    .sign(new TextEncoder().encode(secret));
}

test("feeder and page get tokens that work until they expire", async () => {
  const server = openServer();
  const { body: discovery } = await getJson(server, "/v1/discovery/feeder-1");
  const { body: page } = await postJson(server, "/v1/viewer-token", {});
  expect(page).toMatchObject({ rooms: ["*"], expiresIn: 3600 });
  expect(page.signal_ws).toBe(`wss://feeders.example/v1/ws?token=${page.token}`);
  const feederToken = new URL(String(discovery.signal_ws)).searchParams.get("token") ?? "";
  const feeder = joinWith(server.rooms, feederToken);
  const viewer = joinWith(server.rooms, String(page.token));
  viewer.heard();
  feeder.receive(`{"type":"event.visit"}`);
  expect(viewer.heard()).toMatchObject([{ type: "event.visit", deviceId: "feeder-1" }]);
  server.clock.advance(3_600_000);
  expect(() => joinWith(server.rooms, String(page.token))).toThrow("token_expired");
  server.clock.advance(23 * 3_600_000);
  expect(() => joinWith(server.rooms, feederToken)).toThrow("token_expired");
});

function sendVisits(client: { receive(text: string): void }, count: number) {
  for (let n = 1; n <= count; n += 1) client.receive(`{"type":"event.visit","n":${n}}`);
}

async function readEvents(server: ReturnType<typeof openServer>, query: string) {
  const { body } = await getJson(server, `/v1/events?${query}`);
  const events = Array.isArray(body.events) ? body.events : [];
  return {
    ids: events.map(({ eventId }) => Number(eventId.split("-")[1])),
    complete: body.complete,
  };
}

test("a page catches up on the events it missed, in order, over all rooms", async () => {
  const { server, feeder, neighbour } = joinEverybody();
  sendVisits(feeder, 2);
  neighbour.receive(`{"type":"event.visit"}`);
  feeder.receive(`{"type":"telemetry"}`);
  sendVisits(feeder, 1);
  expect(await readEvents(server, "")).toEqual({ ids: [1, 2, 3, 5], complete: true });
  expect(await readEvents(server, `after=${EPOCH}-1`)).toEqual({ ids: [2, 3, 5], complete: true });
  expect(await readEvents(server, `after=${EPOCH}-1&limit=2`)).toEqual({
    ids: [2, 3],
    complete: true,
  });
  expect(await readEvents(server, `after=${EPOCH}-1&deviceId=feeder-1`)).toEqual({
    ids: [2, 5],
    complete: true,
  });
  expect(await readEvents(server, "limit=2")).toEqual({ ids: [3, 5], complete: false });
  expect(await readEvents(server, `after=${EPOCH}-5`)).toEqual({ ids: [], complete: true });
});

test("a page that missed more than is kept is told so", async () => {
  const { server, feeder } = joinEverybody();
  sendVisits(feeder, 201);
  expect(await readEvents(server, `after=${EPOCH}-1`)).toMatchObject({ complete: true });
  sendVisits(feeder, 1);
  const missed = await readEvents(server, `after=${EPOCH}-1`);
  expect([missed.ids[0], missed.ids.length, missed.complete]).toEqual([3, 200, false]);
  expect(await readEvents(server, `after=${EPOCH}-2`)).toMatchObject({ complete: true });
  expect(await readEvents(server, `after=${EPOCH}-1&deviceId=feeder-2`)).toMatchObject({
    complete: true,
  });
  expect(await readEvents(server, "after=0-500")).toMatchObject({ complete: false });
});

test("events as large as they may be are kept in bounded memory", async () => {
  const { server, feeder } = joinEverybody();
  const large = JSON.stringify({ type: "event.note", text: "x".repeat(60_000) });
  for (let n = 0; n < 10; n += 1) feeder.receive(large);
  expect(await readEvents(server, "")).toEqual({ ids: [7, 8, 9, 10], complete: false });
});

test.each([
  ["after=nonsense", "invalid_request"],
  ["limit=0", "invalid_request"],
  ["limit=1e3", "invalid_request"],
  ["deviceId=..", "invalid_device_id"],
])("/v1/events?%s is refused", async (query, code) => {
  expect(await getJson(openServer(), `/v1/events?${query}`)).toMatchObject({
    status: 400,
    body: { code },
  });
});

test("when the server goes, everybody is told", () => {
  const { server, feeder, viewer } = joinEverybody();
  server.rooms.closeAll(1001, "server_closing");
  expect([feeder.closed, viewer.closed]).toEqual([
    ["1001 server_closing"],
    ["1001 server_closing"],
  ]);
});
