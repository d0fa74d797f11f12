import fc from "fast-check";
import { expect, test } from "vitest";
import { parseObjectKey } from "../../protocol/object-key.ts";
import {
  getJson,
  openServer,
  PUBLIC_URL,
  postJson,
  presign,
  put,
  storePhoto,
} from "./server-fixture.ts";

test("the permission carries everything the client sends", async () => {
  const server = openServer();
  const grant = await presign(server, { captureId: "c1" });
  expect(grant).toEqual({
    uploadUrl: expect.stringContaining(`${PUBLIC_URL}/fput/`),
    method: "PUT",
    headers: {
      "Content-Type": "image/jpeg",
      Authorization: `Bearer ${grant.uploadUrl.slice(`${PUBLIC_URL}/fput/`.length)}`,
    },
    key: "photos/feeder-1/2026-05-01T12-00-00-000Z-c1.jpg",
    expiresIn: 900,
  });
});

test("without a capture id the server makes one", async () => {
  const server = openServer();
  server.draws.push(0, 0.25);
  const keys = [(await presign(server)).key, (await presign(server)).key];
  expect(keys).toEqual([
    "photos/feeder-1/2026-05-01T12-00-00-000Z-0000000000000000.jpg",
    "photos/feeder-1/2026-05-01T12-00-00-000Z-4040404040404040.jpg",
  ]);
});

test("a capture that is stored keeps its key, whatever time is said later", async () => {
  const server = openServer();
  const stored = await storePhoto(server, { captureId: "c1" });
  server.clock.advance(86_400_000);
  const grant = await presign(server, { captureId: "c1", capturedAt: "2020-01-01T00:00:00Z" });
  expect(grant.key).toBe(stored.body.key);
  expect(await presign(server, { captureId: "c2" })).not.toMatchObject({ key: stored.body.key });
  expect(
    await postJson(server, "/v1/presign/put", {
      deviceId: "feeder-1",
      kind: "clips",
      contentType: "video/mp4",
      captureId: "c1",
    }),
  ).toMatchObject({ status: 409, body: { code: "object_exists" } });
});

test.each([
  ["2019-12-31T23:59:59.999Z", "2026-05-01T12-00-00-000Z"],
  ["2020-01-01T00:00:00Z", "2020-01-01T00-00-00-000Z"],
  ["2024-02-29T23:59:59.123456789Z", "2024-02-29T23-59-59-123Z"],
  ["2099-12-31T23:59:59Z", "2099-12-31T23-59-59-000Z"],
  ["2100-01-01T00:00:00Z", "2026-05-01T12-00-00-000Z"],
  ["9999-12-31T23:59:59Z", "2026-05-01T12-00-00-000Z"],
  ["0000-01-01T00:00:00Z", "2026-05-01T12-00-00-000Z"],
])("a photo said to be of %s is filed at %s", async (capturedAt, time) => {
  const { key } = await presign(openServer(), { captureId: "c1", capturedAt });
  expect(key).toBe(`photos/feeder-1/${time}-c1.jpg`);
});

test("the same capture id of another device is another capture", async () => {
  const server = openServer();
  await storePhoto(server, { captureId: "c1" });
  const grant = await presign(server, { deviceId: "feeder-2", captureId: "c1" });
  expect(grant.key).toBe("photos/feeder-2/2026-05-01T12-00-00-000Z-c1.jpg");
});

const PHOTO_REQUEST = { deviceId: "feeder-1", kind: "photos", contentType: "image/jpeg" };

test.each([
  ["no JSON", "{", 400, "invalid_json"],
  ["nothing", "", 400, "invalid_json"],
  ["a list", "[]", 400, "invalid_request"],
  ["a number", "7", 400, "invalid_request"],
  ["no device", { kind: "photos" }, 400, "invalid_device_id"],
  ["a device that climbs", { ...PHOTO_REQUEST, deviceId: "../etc" }, 400, "invalid_device_id"],
  ["a device that is a list", { ...PHOTO_REQUEST, deviceId: ["a"] }, 400, "invalid_device_id"],
  ["an unknown kind", { ...PHOTO_REQUEST, kind: "constructor" }, 400, "invalid_request"],
  ["a program", { ...PHOTO_REQUEST, contentType: "text/html" }, 415, "unsupported_media_type"],
  [
    "an inherited type",
    { ...PHOTO_REQUEST, contentType: "constructor" },
    415,
    "unsupported_media_type",
  ],
  [
    "a clip among photos",
    { ...PHOTO_REQUEST, contentType: "video/mp4" },
    415,
    "unsupported_media_type",
  ],
  ["no bytes", { ...PHOTO_REQUEST, size: 0 }, 400, "invalid_request"],
  ["half a byte", { ...PHOTO_REQUEST, size: 1.5 }, 400, "invalid_request"],
  ["too many bytes", { ...PHOTO_REQUEST, size: 4 * 1024 * 1024 + 1 }, 413, "body_too_large"],
  ["a hash in capitals", { ...PHOTO_REQUEST, sha256: "A".repeat(64) }, 400, "invalid_request"],
  [
    "a day that is none",
    { ...PHOTO_REQUEST, capturedAt: "2026-02-31T99:00:00Z" },
    400,
    "invalid_request",
  ],
  ...["2026-02-30T12:00:00Z", "2026-05-01T24:00:00Z", "2025-02-29T00:00:00.5Z"].map(
    (capturedAt): [string, object, number, string] => [
      `the time ${capturedAt} that never was`,
      { ...PHOTO_REQUEST, capturedAt },
      400,
      "invalid_request",
    ],
  ),
  ["a local time", { ...PHOTO_REQUEST, capturedAt: "2026-05-01T12:00:00" }, 400, "invalid_request"],
  ["a capture id with a path", { ...PHOTO_REQUEST, captureId: "a/b" }, 400, "invalid_request"],
])("a request with %s is refused", async (_, body, status, code) => {
  const server = openServer();
  const answer = await postJson(server, "/v1/presign/put", body);
  expect(answer).toMatchObject({ status, body: { code, status } });
  expect(answer.body).not.toHaveProperty("stack");
  expect(server.bugs).toEqual([]);
});

test.each([
  ["announced", { "Content-Length": String(64 * 1024 + 1) }, "{}"],
  ["unannounced", {}, `{"deviceId":"${"a".repeat(64 * 1024)}"}`],
])("a body above 64 KiB is refused, %s or not", async (_, headers, body) => {
  const server = openServer();
  const answer = await server.app.request("/v1/presign/put", { method: "POST", headers, body });
  expect([answer.status, await answer.json()]).toMatchObject([413, { code: "body_too_large" }]);
});

test("a body nested as deep as it may be long is answered like any other", async () => {
  const server = openServer();
  const deep = `{"deviceId":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
  expect(await postJson(server, "/v1/presign/put", deep)).toMatchObject({ status: 400 });
});

test.each([
  ["thumb", undefined, undefined, "photos/feeder-1/a.jpg", "image/jpeg"],
  ["uploads", undefined, undefined, "photos/feeder-1/a.png", "image/png"],
  [undefined, undefined, 812, "photos/feeder-1/a.jpg", "image/jpeg"],
  ["clips", undefined, undefined, "clips/feeder-1/a.avi", "video/avi"],
  ["clips", "video/mp4", undefined, "clips/feeder-1/a.bin", "video/mp4"],
  [undefined, "video/avi", undefined, "clips/feeder-1/a.bin", "video/avi"],
  [undefined, undefined, undefined, "clips/feeder-1/a.mp4", "video/mp4"],
  [undefined, undefined, undefined, "clips/feeder-1/a.avi", "video/avi"],
  ["uploads", undefined, undefined, "clips/feeder-1/a.mp4", "video/mp4"],
  ["clips", undefined, undefined, "clips/feeder-1/a.bin", "video/avi"],
])("a camera of the first stack names its object: kind %s, type %s", async (...row) => {
  const [kind, contentType, weightG, key, storedType] = row;
  const server = openServer();
  const objectKey = key.slice(key.indexOf("/") + 1);
  const request = { deviceId: "feeder-1", kind, contentType, weightG, objectKey };
  const grant = await presign(server, request);
  expect(grant).toMatchObject({ key, headers: { "Content-Type": storedType } });
  expect(await put(server, grant)).toMatchObject({ status: 200, body: { key } });
  expect(await storePhoto(server, request)).toMatchObject({ status: 200, body: { key } });
  const index = await getJson(server, "/v1/index/feeder-1/2026-05-01");
  expect(index.body.events).toHaveLength(1);
});

test.each([
  "feeder-2/a.jpg",
  "feeder-1/../feeder-2/a.jpg",
  "feeder-1/a/b.jpg",
  "feeder-1/..%2fa.jpg",
  "a.jpg",
  "feeder-1/indices",
  "feeder-1/.a.jpg",
  "/feeder-1/a.jpg",
  "feeder-1/a.html",
  "feeder-1/a.jpg\0",
  "",
])("an object name %j is refused, to put and to get", async (objectKey) => {
  const server = openServer();
  const refusal = { status: 400, body: { code: "invalid_key" } };
  expect(await postJson(server, "/v1/presign/put", { ...PHOTO_REQUEST, objectKey })).toMatchObject(
    refusal,
  );
  const query = new URLSearchParams({ deviceId: "feeder-1", kind: "photos", objectKey });
  expect(await getJson(server, `/v1/presign/get?${query}`)).toMatchObject(refusal);
});

test("a client of the first stack gets the address of an object it names", async () => {
  const server = openServer();
  const stored = await storePhoto(server, { kind: "thumb", objectKey: "feeder-1/a.jpg" });
  const query = "deviceId=feeder-1&kind=thumb&objectKey=feeder-1/a.jpg";
  const { body } = await getJson(server, `/v1/presign/get?${query}`);
  expect(body).toEqual({
    url: `${PUBLIC_URL}/v1/objects/${stored.body.key}`,
    key: stored.body.key,
    expiresIn: 900,
  });
  expect((await server.app.request(new URL(String(body.url)).pathname)).status).toBe(200);
  expect(await getJson(server, "/v1/presign/get?deviceId=feeder-1&kind=secret")).toMatchObject({
    status: 400,
  });
  expect(await getJson(server, "/v1/presign/get?kind=photos")).toMatchObject({
    body: { code: "invalid_device_id" },
  });
});

test.each([
  ["y.mp4", "", "clips/feeder-1/y.mp4"],
  ["y.avi", "", "clips/feeder-1/y.avi"],
  ["y.mp4", "&kind=uploads", "clips/feeder-1/y.mp4"],
  ["y.bin", "&kind=clips", "clips/feeder-1/y.bin"],
  ["y.jpeg", "", "photos/feeder-1/y.jpeg"],
  ["y.png", "&kind=thumb", "photos/feeder-1/y.png"],
])("the object %s asked for with %j is %s", async (name, kind, key) => {
  const query = `deviceId=feeder-1&objectKey=feeder-1/${name}${kind}`;
  expect(await getJson(openServer(), `/v1/presign/get?${query}`)).toMatchObject({ body: { key } });
});

test("a clip among photos is refused, also when only its name says so", async () => {
  const request = { deviceId: "feeder-1", kind: "photos", objectKey: "feeder-1/y.mp4" };
  expect(await postJson(openServer(), "/v1/presign/put", request)).toMatchObject({ status: 415 });
});

test("whatever a request says, the answer is a safe key of that device or a 4xx problem", async () => {
  const server = openServer();
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("..", "a/b", "%2e%2e%2f", "feeder-1"),
  );
  const request = fc.record({
    deviceId: fc.oneof(fc.constant("feeder-1"), text, fc.anything()),
    kind: maybe(fc.constantFrom("photos", "clips", "thumb", "uploads")),
    contentType: maybe(fc.constantFrom("image/jpeg", "video/mp4", "__proto__")),
    capturedAt: maybe(
      fc.oneof(
        text,
        fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      ),
    ),
    captureId: maybe(text),
    objectKey: maybe(
      fc.oneof(
        text,
        text.map((name) => `feeder-1/${name}.jpg`),
      ),
    ),
    size: maybe(fc.double()),
  });
  await fc.assert(
    fc.asyncProperty(request, async (body) => {
      const answer = await postJson(server, "/v1/presign/put", body);
      if (answer.status === 200) {
        expect(parseObjectKey(String(answer.body.key))?.deviceId).toBe(body.deviceId);
      } else {
        expect([400, 413, 415]).toContain(answer.status);
        expect(answer.body.code).toEqual(expect.any(String));
      }
    }),
  );
  expect(server.bugs).toEqual([]);
});
