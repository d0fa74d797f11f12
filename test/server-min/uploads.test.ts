import { expect, test } from "vitest";
import { MemoryObjects } from "../../server-min/storage/memory-objects.ts";
import {
  getJson,
  NOON_MS,
  openServer,
  PHOTO,
  PHOTO_SHA256,
  presign,
  put,
  sha256Hex,
  storePhoto,
} from "./server-fixture.ts";

const DAY = "/v1/index/feeder-1/2026-05-01";

test("a photo that was answered 200 is in the day's index and can be fetched", async () => {
  const server = openServer();
  const stored = await storePhoto(server, {
    captureId: "c1",
    capturedAt: "2026-05-01T11:59:58.500Z",
  });
  const key = "photos/feeder-1/2026-05-01T11-59-58-500Z-c1.jpg";
  expect(stored).toEqual({ status: 200, body: { key, bytes: PHOTO.length, sha256: PHOTO_SHA256 } });

  const index = await getJson(server, DAY);
  expect(index.body).toEqual({
    deviceId: "feeder-1",
    date: "2026-05-01",
    generatedTs: NOON_MS,
    updatedTs: NOON_MS,
    events: [
      {
        id: "c1",
        ts: NOON_MS - 1500,
        key,
        kind: "photos",
        bytes: PHOTO.length,
        sha256: PHOTO_SHA256,
        saved: false,
      },
    ],
  });
  const fetched = await server.app.request(`/v1/objects/${key}`);
  expect(Buffer.from(await fetched.arrayBuffer())).toEqual(PHOTO);
});

test.each([
  ["no Content-Length", { "Content-Length": "" }, 411, "length_required"],
  ["a Content-Length in words", { "Content-Length": "many" }, 400, "invalid_request"],
  [
    "one byte more than declared",
    { "Content-Length": String(PHOTO.length + 1) },
    413,
    "body_too_large",
  ],
  [
    "one byte less than declared",
    { "Content-Length": String(PHOTO.length - 1) },
    400,
    "length_mismatch",
  ],
  ["another type than signed", { "Content-Type": "image/png" }, 415, "unsupported_media_type"],
  ["no bytes at all", { "Content-Length": "0" }, 400, "length_mismatch"],
  ["no permission in the header", { Authorization: "" }, 403, "upload_token_invalid"],
  [
    "another permission in the header",
    { Authorization: "Bearer x.y" },
    403,
    "upload_token_invalid",
  ],
])("an upload with %s is refused and leaves nothing", async (_, headers, status, code) => {
  const server = openServer();
  const grant = await presign(server, { size: PHOTO.length });
  const sent = Object.entries({
    ...grant.headers,
    "Content-Length": String(PHOTO.length),
    ...headers,
  });
  const answer = await server.app.request(new URL(grant.uploadUrl).pathname, {
    method: "PUT",
    headers: sent.filter(([, value]) => value !== ""),
    body: PHOTO,
  });
  expect([answer.status, await answer.json()]).toMatchObject([status, { code }]);
  expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
  expect(await getJson(server, DAY)).toMatchObject({ body: { events: [] } });
});

test("a permission with one letter changed is refused, wherever the letter is", async () => {
  const server = openServer();
  const grant = await presign(server);
  const { pathname } = new URL(grant.uploadUrl);
  for (let at = "/fput/".length; at < pathname.length; at += 1) {
    const other = pathname[at] === "A" ? "B" : "A";
    const altered = `${pathname.slice(0, at)}${other}${pathname.slice(at + 1)}`;
    const answer = await put(server, {
      ...grant,
      uploadUrl: `https://feeders.example${altered}`,
      headers: { ...grant.headers, Authorization: `Bearer ${altered.slice("/fput/".length)}` },
    });
    expect(answer).toMatchObject({ status: 403, body: { code: "upload_token_invalid" } });
  }
});

test("a permission has one spelling, though base64 has several", async () => {
  const server = openServer();
  const grant = await presign(server);
  const token = new URL(grant.uploadUrl).pathname.slice("/fput/".length);
  const answered = [];
  for (const letter of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") {
    const spelled = token.slice(0, -1) + letter;
    const uploadUrl = `https://feeders.example/fput/${spelled}`;
    const { status } = await put(server, { ...grant, uploadUrl }, PHOTO, {
      Authorization: `Bearer ${spelled}`,
    });
    if (status === 200) answered.push(spelled);
  }
  expect(answered).toEqual([token]);
});

test("a permission ends after fifteen minutes", async () => {
  const server = openServer();
  const grant = await presign(server);
  server.clock.advance(900_000 - 1);
  expect(await put(server, grant)).toMatchObject({ status: 200 });
  server.clock.advance(1);
  expect(await put(server, grant)).toMatchObject({
    status: 403,
    body: { code: "upload_token_expired" },
  });
});

test.each([
  ["photos", "image/jpeg", 4 * 1024 * 1024],
  ["clips", "video/mp4", 32 * 1024 * 1024],
])("%s have a bound, whatever was declared", async (kind, contentType, bytesMax) => {
  const server = openServer();
  const grant = await presign(server, { kind, contentType });
  const length = { "Content-Length": String(bytesMax + 1) };
  expect(await put(server, grant, PHOTO, length)).toMatchObject({ status: 413 });
});

test("an empty photo is none", async () => {
  const server = openServer();
  const grant = await presign(server);
  expect(await put(server, grant, Buffer.alloc(0))).toMatchObject({
    status: 400,
    body: { code: "length_mismatch" },
  });
});

test("bytes that are not the declared ones are refused and leave nothing", async () => {
  const server = openServer();
  const grant = await presign(server, { sha256: sha256Hex(Buffer.from("other")) });
  expect(await put(server, grant)).toMatchObject({
    status: 422,
    body: { code: "sha256_mismatch" },
  });
  expect((await server.app.request(`/v1/objects/${grant.key}`)).status).toBe(404);
});

test.each([
  ["ends early", (body: ReadableStreamDefaultController) => body.close()],
  ["breaks off", (body: ReadableStreamDefaultController) => body.error(new Error("reset"))],
  ["goes on too long", (body: ReadableStreamDefaultController) => body.enqueue(PHOTO)],
])("a body that %s leaves nothing, and the photo can be sent again", async (_, end) => {
  const server = openServer();
  const grant = await presign(server);
  const broken = new ReadableStream({
    start(body) {
      body.enqueue(PHOTO.subarray(0, 10));
      end(body);
    },
  });
  const length = { "Content-Length": String(PHOTO.length) };
  expect(await put(server, grant, broken, length)).toMatchObject({
    status: 400,
    body: { code: "length_mismatch" },
  });
  expect(await getJson(server, DAY)).toMatchObject({ body: { events: [] } });
  expect(await put(server, grant)).toMatchObject({ status: 200 });
  expect(server.bugs).toEqual([]);
});

test("the same photo again is answered like the first time and listed once", async () => {
  const server = openServer();
  const first = await storePhoto(server, { captureId: "c1" });
  server.clock.advance(60_000);
  const again = await storePhoto(server, { captureId: "c1" });
  expect(again).toEqual(first);
  expect(await getJson(server, DAY)).toMatchObject({ body: { events: [{ id: "c1" }] } });
});

test("other bytes for a stored capture are refused, and the stored ones stay", async () => {
  const server = openServer();
  const stored = await storePhoto(server, { captureId: "c1" });
  const other = await storePhoto(server, { captureId: "c1" }, Buffer.from("a squirrel"));
  expect(other).toMatchObject({ status: 409, body: { code: "object_exists" } });
  const kept = await server.app.request(`/v1/objects/${String(stored.body.key)}`);
  expect(Buffer.from(await kept.arrayBuffer())).toEqual(PHOTO);
});

test("of many uploads of one capture at the same time one is stored", async () => {
  const server = openServer();
  const bodies = Array.from({ length: 8 }, (_, index) => Buffer.from(`photo ${index % 2}`));
  const grants = [];
  for (const _ of bodies) {
    // Each permission of another second, so that each has another key.
    server.clock.advance(1000);
    grants.push(await presign(server, { captureId: "c1" }));
  }
  const answers = await Promise.all(
    grants.map((grant, index) => put(server, grant, bodies[index])),
  );
  const winner = answers.find(({ status }) => status === 200);
  for (const [index, answer] of answers.entries()) {
    const isSame = sha256Hex(bodies[index] ?? PHOTO) === winner?.body.sha256;
    expect(answer).toEqual(isSame ? winner : { status: 409, body: answer.body });
  }
  const index = await getJson(server, DAY);
  expect(index.body.events).toHaveLength(1);
  const kept = await server.app.request(`/v1/objects/${String(winner?.body.key)}`);
  expect(sha256Hex(Buffer.from(await kept.arrayBuffer()))).toBe(winner?.body.sha256);
});

test("a crash before the commit leaves neither object nor row", async () => {
  class CrashingObjects extends MemoryObjects {
    override create(key: string) {
      const writer = super.create(key);
      return { ...writer, write: () => this.crash() };
    }
  }
  const server = openServer({ objects: new CrashingObjects() });
  expect(await storePhoto(server, { captureId: "c1" })).toMatchObject({
    status: 500,
    body: { code: "internal" },
  });
  expect(server.bugs).toHaveLength(1);
  const restarted = openServer({ sql: server.sql, clock: server.clock });
  expect(await getJson(restarted, DAY)).toMatchObject({ body: { events: [] } });
  expect(await storePhoto(restarted, { captureId: "c1" })).toMatchObject({ status: 200 });
});

test("an upload that fails does not fail the one behind it", async () => {
  class FailingOnce extends MemoryObjects {
    #fails = true;
    override create(key: string) {
      const writer = super.create(key);
      const isBroken = this.#fails;
      this.#fails = false;
      return isBroken ? { ...writer, commit: () => Promise.reject(new Error("disk")) } : writer;
    }
  }
  const server = openServer({ objects: new FailingOnce() });
  const grants = [await presign(server), await presign(server)];
  const answers = await Promise.all(grants.map((grant) => put(server, grant)));
  expect(answers.map(({ status }) => status)).toEqual([500, 200]);
});

test("every step of an upload is done within one turn of the event loop", async () => {
  const server = openServer();
  const story = storePhoto(server, { captureId: "c1" })
    .then(({ body }) => server.app.request(`/v1/objects/${String(body.key)}`))
    .then((answer) => answer.arrayBuffer())
    .then(() => getJson(server, DAY))
    .then(() => getJson(server, "/v1/discovery/feeder-1"))
    .then(() => getJson(server, "/v1/devices"));
  const nextTurn = new Promise((resolve) => setImmediate(resolve, "not done"));
  await expect(Promise.race([story, nextTurn])).resolves.toMatchObject({ status: 200 });
});
