import { expect, test } from "vitest";
import { check, makeImage, pathOf, publish, release } from "./firmware-fixture.ts";
import { getJson, openServer, postJson, sha256Hex, type TestServer } from "./server-fixture.ts";

const DAY_MS = 86_400_000;
const IMAGE = makeImage({ bytes: 0x20000 });
const TAG = `"${sha256Hex(IMAGE)}"`;
const END = IMAGE.length - 1;

/** A server with one release, and where feeder-1 downloads it. */
async function openWithOffer() {
  const server = openServer();
  await publish(server, IMAGE);
  const offer = await check(server);
  if (offer === undefined) throw new Error("nothing is offered");
  return { server, path: pathOf(offer.offered.url) };
}

async function download(server: TestServer, path: string, headers: Record<string, string> = {}) {
  const answer = await server.app.request(path, { headers });
  return { answer, bytes: Buffer.from(await answer.arrayBuffer()) };
}

test("what is offered can be downloaded where the offer says", async () => {
  const { server, path } = await openWithOffer();
  const { answer, bytes } = await download(server, path);
  expect([answer.status, bytes.equals(IMAGE)]).toEqual([200, true]);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "application/octet-stream",
    "content-length": String(IMAGE.length),
    "accept-ranges": "bytes",
    etag: TAG,
  });
});

test.each([
  ["what is missing", { Range: "bytes=4096-" }, 206, 4096],
  ["what is missing of this image", { Range: "bytes=4096-", "If-Range": TAG }, 206, 4096],
  ["what is missing of another image", { Range: "bytes=4096-", "If-Range": '"0"' }, 200, 0],
])("%s is sent", async (_, headers, status, firstByte) => {
  const { server, path } = await openWithOffer();
  const { answer, bytes } = await download(server, path, headers as Record<string, string>);
  expect([answer.status, bytes.equals(IMAGE.subarray(firstByte))]).toEqual([status, true]);
  const contentRange = status === 206 ? `bytes ${firstByte}-${END}/${IMAGE.length}` : null;
  expect(answer.headers.get("Content-Range")).toBe(contentRange);
});

test("a range behind the end is refused, and a known image is not sent again", async () => {
  const { server, path } = await openWithOffer();
  const behind = await download(server, path, { Range: `bytes=${IMAGE.length}-` });
  expect(behind.answer.status).toBe(416);
  expect(behind.answer.headers.get("Content-Range")).toBe(`bytes */${IMAGE.length}`);
  const known = await download(server, path, { "If-None-Match": TAG });
  expect([known.answer.status, known.bytes.length]).toEqual([304, 0]);
});

test("the first stack's path and the Authorization header do as well", async () => {
  const { server, path } = await openWithOffer();
  const [, token = ""] = path.split("?token=");
  const byPath = await download(server, `/fw/1.0.0/skyfeeder.bin?token=${token}`);
  const byHeader = await download(server, "/fw/1.0.0/skyfeeder.bin", {
    Authorization: `Bearer ${token}`,
  });
  for (const { bytes } of [byPath, byHeader]) expect(bytes.equals(IMAGE)).toBe(true);
});

test("an image needs the token of a device and of this release, and it runs out", async () => {
  const { server, path } = await openWithOffer();
  await release(server, "1.1.0", { channel: "alpha" });
  const [bare = "", token = ""] = path.split("?token=");
  const [expires, deviceId, signature = ""] = token.split(".");
  const code = async (tried: string) => {
    const { answer, bytes } = await download(server, tried);
    expect(answer.headers.get("WWW-Authenticate")).toBe("Bearer");
    return [answer.status, JSON.parse(bytes.toString()).code];
  };
  expect(await code(bare)).toEqual([401, "token_missing"]);
  const forged = [
    "x",
    `${expires}.feeder-2.${signature}`,
    `${expires}0.${deviceId}.${signature}`,
    `${expires}.${deviceId}.${signature}.`,
    `${expires}..${signature}`,
  ];
  for (const bad of forged) {
    expect(await code(`${bare}?token=${bad}`)).toEqual([401, "token_invalid"]);
  }
  expect(await code(`/firmware/1.1.0/image.bin?token=${token}`)).toEqual([401, "token_invalid"]);
  server.clock.advance(7 * DAY_MS - 1);
  expect((await download(server, path)).answer.status).toBe(200);
  server.clock.advance(1);
  expect(await code(path)).toEqual([401, "token_invalid"]);
});

test("a manifest opens the first bytes of its image to a trial, and no more", async () => {
  const { server } = await openWithOffer();
  const answer = await server.app.request("/firmware/1.0.0/manifest");
  expect([answer.status, answer.headers.get("Cache-Control")]).toEqual([200, "no-store"]);
  const path = pathOf(((await answer.json()) as { url: string }).url);
  const trial = await download(server, path, { Range: "bytes=0-1023" });
  expect([trial.answer.status, trial.bytes.equals(IMAGE.subarray(0, 1024))]).toEqual([206, true]);
  for (const headers of [{}, { Range: "bytes=0-65536" }, { Range: `bytes=${END}-` }]) {
    const refused = await download(server, path, headers as Record<string, string>);
    expect(refused.answer.status).toBe(401);
  }
});

test("a blocked release is neither downloaded nor vouched for any more", async () => {
  const { server, path } = await openWithOffer();
  await postJson(server, "/v1/releases/1.0.0/block", {});
  const manifest = "/firmware/1.0.0/manifest";
  for (const [tried, headers] of [
    [path, {}],
    [path, { Range: "bytes=4096-", "If-Range": TAG }],
    [manifest, {}],
  ] as const) {
    const { answer, bytes } = await download(server, tried, { ...headers });
    expect([answer.status, JSON.parse(bytes.toString()).code]).toEqual([410, "release_blocked"]);
  }
});

test.each([
  "/firmware/9.9.9/image.bin",
  "/firmware/9.9.9/manifest",
  "/fw/9.9.9/a.bin",
  "/fw/1.0.0/a",
])("%s is nowhere", async (path) => {
  const { server } = await openWithOffer();
  expect(await getJson(server, path)).toMatchObject({ status: 404, body: { code: "not_found" } });
});

test("a version with build metadata is found by the URL that is handed out", async () => {
  const server = openServer();
  await release(server, "1.0.0-rc.1+cafe");
  const offer = await check(server);
  const { answer } = await download(server, pathOf(offer?.offered.url ?? ""));
  expect(answer.status).toBe(200);
  expect((await getJson(server, "/firmware/1.0.0-rc.1+cafe/manifest")).status).toBe(200);
});

test("every download is in the log, newest first, with the bytes it was for", async () => {
  const { server, path } = await openWithOffer();
  await download(server, path, { Range: "bytes=0-99" });
  await download(server, path, { Range: "bytes=100-" });
  await download(server, path, { "If-None-Match": TAG });
  await download(server, path.replace("?token=", "?token=x"));
  const other = await check(server, { deviceId: "feeder-2" });
  await download(server, pathOf(other?.offered.url ?? ""));
  const { body } = await getJson(server, "/v1/ota/log");
  const one = { kind: "download", version: "1.0.0", ts: server.clock.nowMs() };
  expect(body.entries).toMatchObject([
    { ...one, deviceId: "feeder-2", httpStatus: 200, firstByte: 0, lastByte: END },
    { ...one, deviceId: "feeder-1", httpStatus: 304, firstByte: null, lastByte: null },
    { ...one, deviceId: "feeder-1", httpStatus: 206, firstByte: 100, lastByte: END },
    { ...one, deviceId: "feeder-1", httpStatus: 206, firstByte: 0, lastByte: 99 },
  ]);
  const own = await getJson(server, "/v1/ota/log?deviceId=feeder-1&limit=2");
  expect(own.body.entries).toEqual((body.entries as unknown[]).slice(1, 3));
});

test("of the log the newest hundred thousand entries are kept", async () => {
  const { server, path } = await openWithOffer();
  await download(server, path);
  await download(server, path);
  const old = { id: 100_000, at_ms: 0, kind: "download", version: "1.0.0" } as const;
  await server.sql.insertInto("firmware_log").values(old).execute();
  await download(server, path);
  const { body } = await getJson(server, "/v1/ota/log");
  expect((body.entries as { id: number }[]).map(({ id }) => id)).toEqual([100_001, 100_000, 2]);
});

test.each(["limit=0", "limit=1001", "limit=all", "limit=", "deviceId=no.dots"])(
  "the log refuses %s",
  async (query) => {
    expect((await getJson(openServer(), `/v1/ota/log?${query}`)).status).toBe(400);
  },
);
