import { expect, test } from "vitest";
import { openServer, PHOTO, PHOTO_SHA256, storePhoto } from "./server-fixture.ts";

const KEY = "photos/feeder-1/2026-05-01T12-00-00-000Z-c1.jpg";
const END = PHOTO.length - 1;

async function openWithPhoto() {
  const server = openServer();
  await storePhoto(server, { captureId: "c1" });
  return server;
}

test("an object says what it is and never changes", async () => {
  const { app } = await openWithPhoto();
  const answer = await app.request(`/v1/objects/${KEY}`);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "image/jpeg",
    "content-length": String(PHOTO.length),
    etag: `"${PHOTO_SHA256}"`,
    "cache-control": expect.stringContaining("immutable"),
    "x-content-type-options": "nosniff",
    "accept-ranges": "bytes",
  });
});

const TAG = `"${PHOTO_SHA256}"`;

test.each([
  [TAG, 304],
  [`W/${TAG}`, 304],
  ["*", 304],
  [`"other", W/"another" ,${TAG}`, 304],
  [`"other", W/"another"`, 200],
  [PHOTO_SHA256, 200],
  ["", 200],
])("to a cache that has %s the answer is %d", async (ifNoneMatch, status) => {
  const { app } = await openWithPhoto();
  const headers = { "If-None-Match": ifNoneMatch };
  const answer = await app.request(`/v1/objects/${KEY}`, { headers });
  expect([answer.status, answer.headers.get("ETag")]).toEqual([status, TAG]);
});

test.each([
  [TAG, "bytes=0-3", 206],
  [`W/${TAG}`, "bytes=0-3", 200],
  [`"other"`, "bytes=0-3", 200],
  ["Fri, 01 May 2026 12:00:00 GMT", "bytes=0-3", 200],
  [`"other"`, `bytes=${END + 1}-`, 200],
])("a part of what the client knows as %s, %s, is answered %d", async (ifRange, range, status) => {
  const { app } = await openWithPhoto();
  const headers = { "If-Range": ifRange, Range: range };
  const answer = await app.request(`/v1/objects/${KEY}`, { headers });
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect([answer.status, bytes.length]).toEqual([status, status === 206 ? 4 : PHOTO.length]);
});

test.each([
  ["bytes=0-3", 206, [0, 3]],
  ["bytes=5-", 206, [5, END]],
  ["bytes=-4", 206, [END - 3, END]],
  ["bytes=-1000", 206, [0, END]],
  [`bytes=${END}-${END + 500}`, 206, [END, END]],
  ["bytes=3-1", 200, [0, END]],
  ["bytes=0-1,3-4", 200, [0, END]],
  ["lines=0-1", 200, [0, END]],
  ["bytes=-", 200, [0, END]],
])(
  "the range %s is answered %d with the bytes %j",
  async (range, status, [first = 0, last = 0]) => {
    const { app } = await openWithPhoto();
    const answer = await app.request(`/v1/objects/${KEY}`, { headers: { Range: range } });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("Content-Range")).toBe(
      status === 206 ? `bytes ${first}-${last}/${PHOTO.length}` : null,
    );
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(PHOTO.subarray(first, last + 1));
  },
);

test.each([`bytes=${END + 1}-`, "bytes=-0", "bytes=999999999999999-"])(
  "the range %s is outside the object",
  async (range) => {
    const { app } = await openWithPhoto();
    const answer = await app.request(`/v1/objects/${KEY}`, { headers: { Range: range } });
    expect(answer.status).toBe(416);
    expect(answer.headers.get("Content-Range")).toBe(`bytes */${PHOTO.length}`);
    expect(await answer.json()).toMatchObject({ code: "invalid_range" });
  },
);

test.each([{}, { Range: "bytes=0-3" }])(
  "HEAD with %j says the same of the whole",
  async (headers) => {
    const { app } = await openWithPhoto();
    const whole = await app.request(`/v1/objects/${KEY}`);
    const head = await app.request(`/v1/objects/${KEY}`, { method: "HEAD", headers });
    expect(head.status).toBe(200);
    // Each request has an id of its own.
    for (const { headers } of [whole, head]) headers.delete("X-Request-Id");
    expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(whole.headers));
    expect(await head.text()).toBe("");
  },
);

test.each([
  ["photos/feeder-1/none.jpg", 404],
  ["photos/feeder-1", 400],
  ["photos/feeder-1/indices/day-2026-05-01.json", 400],
  ["photos/feeder-1/../../../etc/passwd", 404],
  ["photos/feeder-1/..%2f..%2fetc%2fpasswd", 400],
  ["photos/feeder-1/%2e%2e%2f%2e%2e%2fpasswd", 400],
  ["photos/feeder-1/%252e%252e%252fpasswd", 400],
  ["photos/..%5c..%5cpasswd/a.jpg", 400],
  ["photos/feeder-1/a.jpg%00.png", 400],
  ["photos/feeder-1/.staging", 400],
  ["secrets/feeder-1/a.jpg", 400],
  ["photos/feeder-1/%E0%A4%A", 400],
  ["%70hotos%2ffeeder-1%2fnone.jpg", 404],
])("the key %s is answered %d", async (key, status) => {
  const { app, bugs } = await openWithPhoto();
  const answer = await app.request(`/v1/objects/${key}`);
  expect(answer.status).toBe(status);
  expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
  expect(bugs).toEqual([]);
});
