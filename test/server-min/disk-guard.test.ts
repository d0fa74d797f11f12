import { expect, test } from "vitest";
import { MemoryObjects } from "../../server-min/storage/memory-objects.ts";
import { makeImage, publish } from "./firmware-fixture.ts";
import {
  getJson,
  openServer,
  PHOTO,
  postJson,
  presign,
  put,
  storePhoto,
} from "./server-fixture.ts";

const MB = 1024 * 1024;
const GB = 1024 * MB;
const SAMPLE_MS = 2_000;
const CAPTURE = { deviceId: "feeder-1", kind: "photos", contentType: "image/jpeg" };
const FULL = { status: 507, body: { code: "storage_full", status: 507 } };

function askToUpload(server: ReturnType<typeof openServer>, size?: number) {
  return postJson(server, "/v1/presign/put", { ...CAPTURE, size });
}

/** The last moment at which the disk says so. */
function setFree(server: ReturnType<typeof openServer>, freeBytes: number): void {
  server.disk.freeBytes = freeBytes;
  server.clock.advance(SAMPLE_MS);
}

test("without room uploads are refused, what is stored is served, and feeders report", async () => {
  const server = openServer();
  const grant = await presign(server);
  const { body } = await storePhoto(server, { captureId: "before" });
  setFree(server, 255 * MB);
  expect(await askToUpload(server)).toMatchObject(FULL);
  expect(await put(server, grant)).toMatchObject(FULL);
  expect((await server.app.request(`/v1/objects/${body.key}`)).status).toBe(200);
  const told = { deviceId: "feeder-1", version: "1.0.0", bootCount: 1, status: "ok" };
  expect((await postJson(server, "/v1/ota/heartbeat", told)).status).toBe(200);
  expect((await getJson(server, "/v1/index/feeder-1/2026-05-01")).body.events).toHaveLength(1);

  setFree(server, 300 * MB);
  expect((await put(server, grant)).status).toBe(200);
  expect(server.bugs).toEqual([]);
});

test.each([
  [100 * GB, 256 * MB],
  [2 * GB, 0.05 * 2 * GB],
  [4 * MB, 0.05 * 4 * MB],
])("of %d bytes %d stay free", async (totalBytes, floorBytes) => {
  const server = openServer();
  server.disk.totalBytes = totalBytes;
  setFree(server, floorBytes + 1_000);
  expect((await askToUpload(server, 1_000)).status).toBe(200);
  expect(await askToUpload(server, 1_001)).toMatchObject(FULL);
});

test("the setting decides where there is one, and 0 fills the disk", async () => {
  const server = openServer({ minFreeBytes: 0 });
  setFree(server, PHOTO.length);
  expect((await askToUpload(server, PHOTO.length)).status).toBe(200);
  expect((await askToUpload(server, PHOTO.length + 1)).status).toBe(507);
});

test("between two looks at the disk what was taken in counts, and what is under way", async () => {
  const server = openServer();
  const grants = [await presign(server), await presign(server), await presign(server)] as const;
  setFree(server, 256 * MB + 2 * PHOTO.length);
  let sendRest = () => {};
  const slow = new ReadableStream({
    start: (controller) => {
      controller.enqueue(PHOTO.subarray(0, 10));
      sendRest = () => {
        controller.enqueue(PHOTO.subarray(10));
        controller.close();
      };
    },
  });
  const underWay = put(server, grants[0], slow, { "Content-Length": String(PHOTO.length) });
  expect((await put(server, grants[1])).status).toBe(200);
  expect(await put(server, grants[2])).toMatchObject(FULL);
  sendRest();
  expect((await underWay).status).toBe(200);
  expect(await put(server, grants[2])).toMatchObject(FULL);
  setFree(server, GB);
  expect((await put(server, grants[2])).status).toBe(200);
});

test("it is told once, and once when there is room again", async () => {
  const server = openServer();
  for (const freeBytes of [200 * MB, 255 * MB, 257 * MB, 250 * MB, 270 * MB]) {
    setFree(server, freeBytes);
    await askToUpload(server);
  }
  expect(server.notices).toEqual([expect.stringContaining("storage_full")]);
  setFree(server, 400 * MB);
  await askToUpload(server);
  setFree(server, 100 * MB);
  await askToUpload(server);
  expect(server.notices.map((text) => text.split(":")[0])).toEqual([
    "storage_full",
    "storage_freed",
    "storage_full",
  ]);
});

test("firmware is not published without room for it, and not a byte of it is read", async () => {
  const server = openServer();
  const image = makeImage();
  const publishAs = (headers: Readonly<Record<string, string>>, body: BodyInit) => {
    const init = { method: "POST", headers, body, duplex: "half" };
    return server.app.request("/v1/releases", init);
  };
  const announced = { "Content-Length": String(image.length) };
  setFree(server, 256 * MB + image.length - 1);
  const pull = () => Promise.reject(new Error("the body was read"));
  const refused = await publishAs(announced, new ReadableStream({ pull }));
  expect([refused.status, await refused.json()]).toMatchObject([507, FULL.body]);
  expect((await publishAs({ "Content-Length": String(0x3f0001) }, image)).status).toBe(413);
  expect((await publishAs({ "Content-Length": "many" }, image)).status).toBe(400);

  setFree(server, 256 * MB + image.length);
  // Who does not say how long it is may send the most.
  expect((await publishAs({}, image)).status).toBe(507);
  expect((await publishAs(announced, image)).status).toBe(201);
  expect(await askToUpload(server, 1)).toMatchObject(FULL);
  expect(server.bugs).toEqual([]);
});

test.each(["write", "commit"] as const)("a disk that is full at %s is no bug", async (when) => {
  const full = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  class FullObjects extends MemoryObjects {
    override create(key: string) {
      const failing = () => {
        throw full;
      };
      return { ...super.create(key), [when]: failing };
    }
  }
  const server = openServer({ objects: new FullObjects() });
  expect(await storePhoto(server)).toMatchObject(FULL);
  expect((await getJson(server, "/v1/index/feeder-1/2026-05-01")).body.events).toEqual([]);
  expect(await publish(server, makeImage())).toMatchObject(FULL);
  expect((await getJson(server, "/v1/releases")).body.releases).toEqual([]);
  for await (const { key } of server.objects.list("firmware/")) expect.fail(key);
  expect(server.bugs).toEqual([]);
});
