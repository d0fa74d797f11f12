import { createPublicKey } from "node:crypto";
import { compactVerify, importJWK } from "jose";
import { expect, test } from "vitest";
import { encodeAppImage } from "../../host-sim/board/app-image.ts";
import { RELEASE_KEY } from "../release-key.ts";
import {
  check,
  makeImage,
  offeredVersion,
  publish,
  readManifest,
  release,
} from "./firmware-fixture.ts";
import { getJson, NOON_MS, openServer, PUBLIC_URL, postJson, sha256Hex } from "./server-fixture.ts";

const DAY_MS = 86_400_000;

test("a published image is a release that says what its image says", async () => {
  const server = openServer();
  const image = makeImage({ version: "1.2.0" });
  const query = { notes: "Größere Vögel", minimumVersion: "1.0.0", expiresDays: "10" };
  const { status, body } = await publish(server, image, query);
  expect([status, body]).toEqual([
    201,
    {
      version: "1.2.0",
      product: "skyfeeder",
      board: "feeder",
      chip: "esp32",
      channel: "stable",
      size: image.length,
      sha256: sha256Hex(image),
      elfSha256: sha256Hex(Buffer.from(`run("1.2.0");`)),
      minimumVersion: "1.0.0",
      notes: "Größere Vögel",
      published: "2026-05-01T12:00:00.000Z",
      sequence: 1,
      issued: "2026-05-01T12:00:00.000Z",
      expires: "2026-05-11T12:00:00.000Z",
      kid: RELEASE_KEY?.kid,
      blocked: null,
    },
  ]);
  expect((await getJson(server, "/v1/releases/1.2.0")).body).toEqual(body);
});

test("the manifest is a JWS that any verifier of ES256 takes, and says what the release says", async () => {
  const server = openServer();
  const published = await release(server, "1.2.0", { notes: "Größere Vögel" });
  const { body } = await getJson(server, "/firmware/1.2.0/manifest");
  const offered = body as unknown as Parameters<typeof readManifest>[0];
  if (RELEASE_KEY === undefined) throw new Error("no key");
  const jwk = createPublicKey(RELEASE_KEY.privateKey).export({ format: "jwk" });
  const verified = await compactVerify(offered.jws, await importJWK(jwk, "ES256"));
  expect(verified.protectedHeader).toEqual({
    alg: "ES256",
    kid: RELEASE_KEY.kid,
    typ: "skyfeeder-update+jws",
  });
  expect(Buffer.from(verified.payload).every((byte) => byte < 0x80)).toBe(true);
  const { size, sha256, elfSha256, sequence, notes } = published;
  expect(readManifest(offered)).toEqual({
    ...{ product: "skyfeeder", board: "feeder", chip: "esp32", channel: "stable" },
    ...{ version: "1.2.0", sequence, size, sha256, elfSha256, minimumVersion: "0.0.0-0", notes },
    ...{ issuedMs: NOON_MS, expiresMs: NOON_MS + 30 * DAY_MS },
  });
  expect(offered).toMatchObject({ size, sha256, version: "1.2.0" });
  expect(offered.url.startsWith(`${PUBLIC_URL}/firmware/1.2.0/image.bin?token=`)).toBe(true);
});

test("releases are listed by precedence, whenever they were published", async () => {
  const server = openServer();
  const versions = ["1.0.0", "1.10.0", "1.2.0", "1.2.0-rc.2", "1.2.0-rc.10", "2.0.0-alpha"];
  for (const version of versions) await release(server, version);
  const { body } = await getJson(server, "/v1/releases");
  const listed = (body.releases as { version: string }[]).map(({ version }) => version);
  expect(listed).toEqual(["2.0.0-alpha", "1.10.0", "1.2.0", "1.2.0-rc.10", "1.2.0-rc.2", "1.0.0"]);
});

test("the same bytes again are the same release, also under a new signature", async () => {
  const server = openServer();
  const image = makeImage();
  const first = await publish(server, image);
  server.clock.advance(DAY_MS);
  expect(await publish(server, image, { notes: "again" })).toEqual({ ...first, status: 200 });
});

test.each([
  ["other bytes", { code: "another();" }, {}],
  ["the same bytes in another channel", {}, { channel: "beta" }],
  ["the same bytes for another board", {}, { board: "gateway" }],
])("a version is taken for %s", async (_, build, query) => {
  const server = openServer();
  await release(server, "1.0.0");
  expect(await publish(server, makeImage(build), query)).toMatchObject({
    status: 409,
    body: { code: "version_taken" },
  });
});

test("of two who publish a version at once, one does", async () => {
  const server = openServer();
  const answers = await Promise.all(
    ["one();", "other();"].map((code) => publish(server, makeImage({ code }))),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  expect((await getJson(server, "/v1/releases")).body.releases).toHaveLength(1);
  const image = makeImage({ version: "1.1.0" });
  const same = await Promise.all([publish(server, image), publish(server, image)]);
  expect(same.map(({ status }) => status)).toEqual([201, 200]);
});

function damaged(change: (image: Buffer) => void): Uint8Array<ArrayBuffer> {
  const image = Buffer.from(makeImage());
  change(image);
  return new Uint8Array(image);
}

const IMAGE = makeImage();
const MERGED = new Uint8Array(0x10000 + IMAGE.length).fill(0xff);
/** A row for an app at 0x10000, as the table of a factory image has it. */
const TABLE_ROW = Buffer.from("aa50001000000100000010006f74615f300000000000000000000000", "hex");
MERGED.set(TABLE_ROW, 0x8000);
MERGED.set(IMAGE, 0x10000);

test.each([
  ["nothing", new Uint8Array(), "image_invalid", "magic"],
  ["no image", Buffer.from("an essay on great tits"), "image_invalid", "magic"],
  ["a whole flash", MERGED, "image_merged", expect.any(String)],
  ["half an image", IMAGE.slice(0, IMAGE.length / 2), "image_corrupt", "truncated"],
  ["an image without its last byte", IMAGE.slice(0, -1), "image_corrupt", "truncated"],
  [
    "another code byte",
    damaged((image) => image.fill(0x20, 300, 301)),
    "image_corrupt",
    "checksum",
  ],
  ["another entry point", damaged((image) => image.fill(1, 5, 6)), "image_corrupt", "SHA-256"],
  ["no hash", damaged((image) => image.fill(0, 23, 24)), "image_invalid", expect.any(String)],
  ["no version", makeImage({ version: "unknown" }), "invalid_version", "unknown"],
  ["half a version", makeImage({ version: "1.2" }), "invalid_version", "1.2"],
  [
    "a product that is no name",
    makeImage({ product: "my feeder!" }),
    "image_invalid",
    "project name",
  ],
])("%s is not published", async (_, image, code, detail) => {
  const server = openServer();
  expect(await publish(server, image)).toMatchObject({ status: 422, body: { code, detail } });
  expect((await getJson(server, "/v1/releases")).body.releases).toEqual([]);
});

test("an image whose build has no name is not published", async () => {
  const image = Buffer.from(
    encodeAppImage({ product: "skyfeeder", version: "1.0.0", javascript: "" }),
  );
  expect(await publish(openServer(), withoutElfSha256(image))).toMatchObject({
    body: { code: "image_invalid", detail: "no app_elf_sha256" },
  });
});

/** As esptool leaves it when it was not told to fill it in; checksum and hash are made good again. */
function withoutElfSha256(image: Buffer): Uint8Array<ArrayBuffer> {
  const end = image.length - 32;
  const old = image.subarray(32 + 144, 32 + 176);
  const difference = old.reduce((sum, byte) => sum ^ byte, 0);
  old.fill(0);
  image[end - 1] = (image[end - 1] ?? 0) ^ difference;
  Buffer.from(sha256Hex(image.subarray(0, end)), "hex").copy(image, end);
  return new Uint8Array(image);
}

test.each([
  ["channel", "nightly"],
  ["board", "../feeder"],
  ["minimumVersion", "1.x"],
  ["expiresDays", "0"],
  ["expiresDays", "1000"],
  ["expiresDays", "soon"],
  ["notes", "x".repeat(513)],
  ["notes", "ö".repeat(400)],
])("%s=%s is refused before the image is read", async (name, value) => {
  const unread = new ReadableStream({ pull: () => Promise.reject(new Error("the body was read")) });
  const { status, body } = await publish(openServer(), unread, { [name]: value });
  expect([status, body.code]).toEqual([400, "invalid_request"]);
  expect(body.detail).toMatch(new RegExp(`^${name}: `));
});

test("3.9 MB are published, a byte more is not, whatever was announced", async () => {
  const server = openServer();
  const most = 0x3f0000;
  const image = makeImage({ bytes: most });
  expect([image.length, (await publish(server, image)).status]).toEqual([most, 201]);
  const larger = new Uint8Array(most + 1);
  const tooLarge = { status: 413, body: { code: "body_too_large" } };
  expect(await publish(server, larger)).toMatchObject(tooLarge);
  const unannounced = new ReadableStream({
    pull(controller) {
      controller.enqueue(larger.subarray(0, 0x10000));
    },
  });
  expect(await publish(server, unannounced)).toMatchObject(tooLarge);
});

test("an image that breaks off is not published", async () => {
  const server = openServer();
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(IMAGE.subarray(0, 200));
      controller.error(new Error("gone"));
    },
  });
  expect(await publish(server, broken)).toMatchObject({ body: { code: "length_mismatch" } });
  const headers = { "Content-Length": String(IMAGE.length) };
  const init = { method: "POST", headers, body: IMAGE.subarray(0, 200) };
  const short = await server.app.request("/v1/releases", init);
  expect(await short.json()).toMatchObject({ code: "length_mismatch" });
});

test("an image that does not fit a slot of its devices is refused with their names", async () => {
  const server = openServer();
  const small = { deviceId: "small", slotBytes: 0x1000 };
  await check(server, small);
  await check(server, { ...small, deviceId: "roomy", slotBytes: 0x100000 });
  await check(server, { ...small, deviceId: "other-board", board: "gateway" });
  await check(server, { ...small, deviceId: "other-chip", chip: "esp32s3" });
  await check(server, { ...small, deviceId: "early", channel: "beta" });
  const image = makeImage({ bytes: 0x2000 });
  expect(await publish(server, image)).toMatchObject({
    status: 409,
    body: { code: "image_does_not_fit", devices: ["early", "small"] },
  });
  expect((await publish(server, image, { channel: "alpha" })).status).toBe(201);
});

test("of unequal slots the smaller counts, whichever was told last, until the board was erased", async () => {
  const server = openServer();
  await check(server, { slotBytes: 0x1000, sequence: 5 });
  await check(server, { slotBytes: 0x4000, sequence: 5 });
  await check(server, { slotBytes: 0x4000, sequence: 6 });
  const image = makeImage({ bytes: 0x2000 });
  expect((await publish(server, image)).body.devices).toEqual(["feeder-1"]);
  await check(server, { slotBytes: 0x4000, sequence: 0 });
  expect((await publish(server, image)).status).toBe(201);
});

test("a crash between image and row leaves nothing that is offered, and publishing is repeated", async () => {
  const before = openServer();
  await before.sql.schema.alterTable("release_sequences").renameTo("gone").execute();
  expect((await publish(before, makeImage())).status).toBe(500);
  await before.sql.schema.alterTable("gone").renameTo("release_sequences").execute();
  const after = openServer(before);
  expect(await offeredVersion(after)).toBeUndefined();
  expect((await publish(after, makeImage())).status).toBe(201);
  expect(await offeredVersion(after)).toBe("1.0.0");
});

test("releases survive a restart, and a sequence is never used twice", async () => {
  const before = openServer();
  await release(before, "1.0.0");
  await postJson(before, "/v1/releases/1.0.0/resign", {});
  const after = openServer(before);
  expect((await release(after, "1.1.0")).sequence).toBe(3);
  expect(await offeredVersion(after)).toBe("1.1.0");
});

test("a server without a key publishes nothing, and blocks all the same", async () => {
  const before = openServer();
  await release(before, "1.0.0");
  await release(before, "1.1.0");
  const server = openServer({ ...before, signingKey: undefined });
  const missing = { status: 503, body: { code: "signing_key_missing" } };
  expect(await publish(server, makeImage({ version: "1.2.0" }))).toMatchObject(missing);
  expect(await postJson(server, "/v1/releases/1.0.0/resign", {})).toMatchObject(missing);
  expect(await offeredVersion(server)).toBe("1.1.0");
  expect((await postJson(server, "/v1/releases/1.1.0/block", {})).status).toBe(200);
  expect(await offeredVersion(server)).toBe("1.0.0");
});

test.each(["", "/block", "/resign"])("an unknown release has no %s", async (action) => {
  const path = `/v1/releases/9.9.9${action}`;
  const server = openServer();
  const answer = action === "" ? await getJson(server, path) : await postJson(server, path, {});
  expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
});
