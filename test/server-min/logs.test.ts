import { expect, test } from "vitest";
import { parseRecord } from "../../protocol/json.ts";
import { jsonLog, textLog } from "../../server-min/machine/server-log.ts";
import { StoreUnavailable } from "../../server-min/storage/store-unavailable.ts";
import { FEEDER, getJson, openServer, presign, put, storePhoto } from "./server-fixture.ts";
import { makeFolder, presign as presignAt, start } from "./started-server.ts";

/** A log and the lines it has written. */
function writtenLog(level?: "debug" | "info" | "warn" | "error") {
  const lines: string[] = [];
  const json = jsonLog({ write: (line) => void lines.push(line) }, level);
  return { json, lines, text: textLog((line) => void lines.push(line), level) };
}

const records = (lines: readonly string[]) => lines.map((line) => parseRecord(line));

test("a request is one line of JSON, with its id, its route and whom it was about", async () => {
  const { json: log, lines } = writtenLog();
  const server = await start({ log });
  const answer = await fetch(`${server.url}/v1/discovery/feeder-1`);
  await fetch(`${server.url}/healthz`);
  const [, request, ...more] = records(["", ...lines]);
  expect(more).toEqual([]);
  expect(request).toEqual({
    level: "info",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    requestId: answer.headers.get("X-Request-Id"),
    deviceId: "feeder-1",
    method: "GET",
    route: "/v1/discovery/:deviceId",
    status: 200,
    ms: expect.any(Number),
    msg: "request",
  });
  expect(lines[0]).toMatch(/^[^\n]*\n$/);
});

test.each([
  ["a UUID", "7b0c5e0e-0a38-4a54-bd6a-6b1c3e9b8a11", true],
  ["an id of 64 characters", "a".repeat(64), true],
  ["an id of 65 characters", "a".repeat(65), false],
  ["a word", "short", false],
  ["a token", "Bearer eyJhbGciOiJub25lIn0.e30.", false],
  ["a terminal's command", "\u009b31mred-red-red", false],
  ["nothing", "", false],
])("%s as X-Request-Id: kept, or replaced", async (_, given, isKept) => {
  const server = openServer();
  const answer = await server.app.request("/v1/devices", { headers: { "X-Request-Id": given } });
  const requestId = answer.headers.get("X-Request-Id");
  expect(requestId === given).toBe(isKept);
  expect(requestId).toMatch(/^[\w-]{4,64}$/);
  expect(server.answered.map((request) => request.requestId)).toEqual([requestId]);
});

test("request ids are not given twice", async () => {
  const server = openServer();
  for (let count = 0; count < 3; count++) await getJson(server, "/nope");
  expect(new Set(server.answered.map(({ requestId }) => requestId)).size).toBe(3);
});

test("every request about one device names it", async () => {
  const server = openServer();
  await storePhoto(server);
  await put(server, await presign(server, { captureId: "c2" }), undefined, { Authorization: "x" });
  await getJson(server, "/v1/objects/photos/feeder-1/x.jpg");
  await getJson(server, "/v1/index/feeder-1/2026-05-01");
  const body = JSON.stringify({ deviceId: FEEDER.deviceId, current_version: "1.0.0" });
  await server.app.request("/api/v1/check-update", { method: "POST", body });
  expect(server.answered.map(({ deviceId }) => deviceId)).toEqual(Array(7).fill("feeder-1"));
});

const REQUEST = {
  requestId: "r-1",
  method: "GET",
  route: "/v1/devices",
  durationMs: 3,
  deviceId: undefined,
};

test.each([
  ["info", ["info", "info", "error"]],
  ["debug", ["info", "info", "error", "debug"]],
  ["error", ["error"]],
] as const)("at level %s a line is written for %j", (level, written) => {
  const { json, lines } = writtenLog(level);
  for (const status of [200, 404, 500]) json.answered({ ...REQUEST, status });
  json.answered({ ...REQUEST, status: 200, route: "/metrics" });
  expect(records(lines).map((line) => line?.level)).toEqual(written);
});

test("a person at a terminal is told of the requests that failed, and of all at level debug", () => {
  const usual = writtenLog();
  const debug = writtenLog("debug");
  for (const { text } of [usual, debug]) {
    text.answered({ ...REQUEST, status: 404 });
    text.answered({ ...REQUEST, status: 503, deviceId: "feeder-1" });
  }
  const failed = "GET /v1/devices 503 in 3 ms (feeder-1, request r-1)";
  expect(usual.lines).toEqual([failed]);
  expect(debug.lines).toEqual(["GET /v1/devices 404 in 3 ms (no device, request r-1)", failed]);
});

test("a bug is told with the id that the client was answered", async () => {
  const { json: log, lines } = writtenLog();
  const dataDir = await makeFolder();
  const server = await start({ dataDir, log });
  server.app.get("/bug", () => {
    throw new Error("no bird", { cause: new Error("no seed") });
  });
  const answer = await fetch(`${server.url}/bug`);
  expect(answer.status).toBe(500);
  const requestId = answer.headers.get("X-Request-Id");
  const [bug, request] = records(lines);
  expect(bug).toMatchObject({ level: "error", requestId, msg: "bug" });
  expect(bug?.stack).toMatch(/^Error: no bird\n +at .*\n +caused by Error: no seed\n/s);
  expect(request).toMatchObject({ level: "error", requestId, status: 500, route: "/bug" });
});

test("a store that is away is one line for each request that met it, in either log", async () => {
  const { json, text, lines } = writtenLog();
  const server = await start({ log: json });
  server.app.get("/away", () => {
    throw new StoreUnavailable("the database does not answer: ECONNREFUSED", {
      cause: new Error("connect ECONNREFUSED"),
    });
  });
  expect((await fetch(`${server.url}/away`)).status).toBe(503);
  const reason = "the database does not answer: ECONNREFUSED";
  const [away] = records(lines);
  expect(away).toMatchObject({ level: "error", msg: "store away", reason });
  expect(away).not.toHaveProperty("stack");
  text.bug(new StoreUnavailable(reason), "r-1");
  expect(lines.at(-1)).toBe(`request r-1: ${reason}`);
});

const SECRET = "s3cr3t-0f-the-f33d3r";
const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";

test.each([
  ["the path of an upload", `PUT /fput/${SECRET}.sig failed`],
  ["a query", `GET /firmware/1.0.0/image.bin?x=1&token=${SECRET}`],
  ["a presigned URL", `https://s3.example/b/k?X-Amz-Signature=${SECRET}&X-Amz-Date=2026`],
  ["a database's address", `connect postgres://birds:${SECRET}@db.example:5432/birds`],
  ["a broker's address", `mqtt://:${SECRET}@broker.example`],
  ["a bearer", `Authorization: Bearer ${SECRET}`],
  ["basic authentication", `{"authorization":"Basic ${SECRET}"}`],
  ["a cookie", `Cookie: session=${SECRET}; theme=dark`],
  ["a key of the API", `x-api-key: ${SECRET}`],
  ["a setting", `adminPassword = "${SECRET}"`],
  ["JSON", `{"relaySecret":"${SECRET}"}`],
  ["a token by itself", `bad token ${JWT}`],
])("%s in a bug's text loses its secret", (_, text) => {
  const { json, text: plain, lines } = writtenLog();
  json.bug(new Error(text));
  json.bug(new Error("outer", { cause: new Error(text) }));
  json.bug(new AggregateError([new Error(text)]));
  json.notice(text);
  plain.bug(new Error(text));
  expect(lines).toHaveLength(5);
  for (const line of lines) {
    expect(line).toContain("[secret]");
    expect(line).not.toContain(SECRET);
    expect(line).not.toContain("c2lnbmF0dXJl");
  }
});

test("requests with secrets leave none in the log", async () => {
  const { json: log, lines } = writtenLog("debug");
  const server = await start({ log });
  const { uploadUrl, headers } = await presignAt(server);
  const secrets = [new URL(uploadUrl).pathname.split("/")[2] ?? "", SECRET];
  await fetch(uploadUrl, { method: "PUT", headers, body: "jpeg" });
  await fetch(`${uploadUrl}/more?token=${SECRET}`);
  await fetch(`${server.url}/firmware/1.0.0/image.bin?token=${SECRET}`);
  await fetch(`${server.url}/nope/${SECRET}`, {
    headers: {
      Authorization: `Bearer ${SECRET}`,
      Cookie: `session=${SECRET}`,
      "X-Api-Key": SECRET,
      "X-Request-Id": `id ${SECRET}`,
    },
  });
  await fetch(`${server.url}/v1/presign/put`, { method: "POST", body: `{"password":"${SECRET}"}` });
  expect(lines).toHaveLength(6);
  for (const secret of secrets) expect(lines.join("")).not.toContain(secret);
});

test.each([
  ["a line of its own", '\n{"level":"info","msg":"all is well"}\n'],
  ["a carriage return", "\rall is well"],
  ["a terminal's commands", "\u001b[2J\u001b]0;title\u0007\u009b31m"],
  ["line ends of JavaScript", "\u2028all is well\u2029"],
  ["letters that turn the rest around", "\u202ellew si lla\u2066"],
  ["half a character", "\ud800"],
])("%s in a text cannot pass for one of the log's", (_, text) => {
  const { json, text: plain, lines } = writtenLog();
  json.bug(new Error(text));
  json.notice(text);
  for (const line of lines.splice(0)) {
    expect(line).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*\n$/u);
    expect(parseRecord(line)).toMatchObject({ level: expect.any(String) });
  }
  plain.bug(new Error(text), "r-1");
  plain.notice(text);
  for (const line of lines) {
    expect(line).toMatch(/^([^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|\n(?=$|\s))*$/u);
  }
});
