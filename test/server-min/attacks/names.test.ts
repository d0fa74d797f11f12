import { expect, test } from "vitest";
import { request, startAttacked } from "./attacked-server.ts";

/** What leads out of a folder, a quote or a line, written as it is, encoded, and encoded twice. */
const ESCAPES = ["../../secrets.json", "..\\..\\secrets.json", "....//secrets.json", "/etc/passwd"];
const QUOTES = [
  "' OR '1'='1",
  "x'; DROP TABLE objects; --",
  'x" UNION SELECT 1',
  "x\0y",
  "x\r\nSet-Cookie: a=b",
];
const once = (text: string) =>
  encodeURIComponent(text).replaceAll(".", "%2e").replaceAll("'", "%27");
const names = [...ESCAPES, ...QUOTES].flatMap((name) => [once(name), once(once(name))]);
const written = ["../../secrets.json", "%2e%2e/%2e%2e/secrets.json", "..%2f..%2fsecrets.json"];

/** Of a file, of the database, of the code. */
const SECRETS = /uploadSecret|root:|SQLITE|node:|at .*\.ts/;

const PATHS = [
  "/v1/discovery/NAME",
  "/v1/index/NAME/2026-05-01",
  "/v1/index/feeder-1/NAME",
  "/v1/days/NAME",
  "/v1/objects/NAME",
  "/v1/objects/photos/feeder-1/NAME",
  "/v1/objects/photos/NAME/2026-05-01T12-00-00-000Z-c1.jpg",
  "/firmware/NAME/image.bin",
  "/firmware/NAME/manifest",
  "/fw/NAME/image.bin",
  "/fw/1.0.0/NAME",
  "/v1/presign/get?deviceId=NAME&objectKey=feeder-1/x.jpg",
  "/v1/presign/get?deviceId=feeder-1&objectKey=NAME",
  "/v1/events?deviceId=NAME",
  "/v1/events?after=NAME",
];

test.each(PATHS)("GET %s refuses every bad NAME, and tells nothing", async (path) => {
  const server = await startAttacked();
  for (const name of [...written, ...names]) {
    const { status, text } = await request(server, `GET ${path.replace("NAME", name)}`);
    expect([400, 401, 403, 404], name).toContain(status);
    expect(text).toMatch(/^\{"type":"urn:skyfeeder:problem:/);
    expect(text).not.toMatch(SECRETS);
  }
});

const BODIES = [
  ["POST /v1/presign/put", { contentType: "image/jpeg" }, ["deviceId", "objectKey", "captureId"]],
  ["POST /v1/ota/heartbeat", { version: "1.0.0" }, ["deviceId"]],
  ["POST /api/v1/check-update", { current_version: "1.0.0" }, ["deviceId", "mac", "elfSha256"]],
  ["POST /api/v1/report-status", { version: "1.0.0", status: "x" }, ["deviceId", "mac"]],
  ["POST /v1/enrolment", {}, ["deviceId"]],
  ["POST /v1/enrolment/token", { deviceCode: "x" }, ["deviceId"]],
] as const;

test.each(BODIES)("%s refuses every bad name in its body", async (line, rest, fields) => {
  const server = await startAttacked();
  for (const field of fields) {
    for (const name of [...ESCAPES, ...QUOTES]) {
      const own = field === "mac" ? {} : { deviceId: "feeder-1" };
      const body = JSON.stringify({ ...own, ...rest, [field]: name });
      const { status, text } = await request(server, line, { body });
      expect([400, 403], `${field}: ${name}`).toContain(status);
      expect(text).not.toMatch(SECRETS);
    }
  }
});

test("what looks like SQL is a value like any other, where any text is allowed", async () => {
  const server = await startAttacked();
  const version = "1.0.0'; DROP TABLE device_firmware; --";
  const body = JSON.stringify({ deviceId: "feeder-1", version });
  expect(await request(server, "POST /v1/ota/heartbeat", { body })).toMatchObject({ status: 200 });
  const headers = { Cookie: server.cookie };
  const status = await (await fetch(`${server.url}/v1/ota/status`, { headers })).json();
  expect(status).toMatchObject([{ deviceId: "feeder-1", version }]);
});
