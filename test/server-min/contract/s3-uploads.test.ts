import { expect, test } from "vitest";
import type { DayIndex } from "../../../protocol/day-index.ts";
import type { PresignPutAnswer } from "../../../protocol/presign.ts";
import { parsePresignPutAnswer } from "../../../protocol/presign.ts";
import { parseCheckUpdateAnswer } from "../../../protocol/update-messages.ts";
import { SystemClock } from "../../../server-min/machine/clock.ts";
import type { BucketPlace } from "../../../server-min/machine/s3-bucket.ts";
import { S3Bucket } from "../../../server-min/machine/s3-bucket.ts";
import { S3Direct } from "../../../server-min/storage/s3-direct.ts";
import { S3Objects } from "../../../server-min/storage/s3-objects.ts";
import { bucketSettings, makeBucket, S3_ENDPOINT } from "../../services/s3-service.ts";
import { makeImage } from "../firmware-fixture.ts";
import { PHOTO, PHOTO_SHA256, sha256Hex } from "../server-fixture.ts";
import { makeFolder, start } from "../started-server.ts";

const onS3 = test.skipIf(S3_ENDPOINT === undefined);
const CAPTURE = {
  deviceId: "feeder-1",
  kind: "photos",
  contentType: "image/jpeg",
  captureId: "c1",
  capturedAt: "2026-05-01T12:00:00Z",
};
const KEY = "photos/feeder-1/2026-05-01T12-00-00-000Z-c1.jpg";

async function startWithBucket() {
  const place = await makeBucket();
  const dataDir = await makeFolder();
  const open = () => start({ dataDir, objects: bucketSettings(place) });
  return { place, open, server: await open() };
}

async function presign(server: { readonly url: string }, said: object): Promise<PresignPutAnswer> {
  const body = JSON.stringify({ ...CAPTURE, ...said });
  const answer = await fetch(`${server.url}/v1/presign/put`, { method: "POST", body });
  const grant = parsePresignPutAnswer(await answer.text());
  if (grant === undefined) throw new Error(`presign answered ${answer.status}`);
  return grant;
}

async function put(grant: PresignPutAnswer, body = PHOTO, headers = {}): Promise<number> {
  const init = { method: "PUT", headers: { ...grant.headers, ...headers }, body };
  return (await fetch(grant.uploadUrl, init)).status;
}

async function eventsOfDay({ url }: { readonly url: string }): Promise<DayIndex["events"]> {
  const answer = await fetch(`${url}/v1/index/feeder-1/2026-05-01`);
  return ((await answer.json()) as DayIndex).events;
}

const SAID = { size: PHOTO.length, sha256: PHOTO_SHA256 };

onS3("a photo goes into the bucket, and from there to a browser", async () => {
  const { place, open, server } = await startWithBucket();
  const grant = await presign(server, SAID);
  expect(grant.uploadUrl).toBe(`${place.endpoint}/${place.bucket}/${KEY}`);
  expect(await put(grant)).toBe(200);
  // The feeder's own word is lost with this process.
  await server.close();
  const restarted = await open();
  await expect.poll(() => eventsOfDay(restarted)).toMatchObject([{ key: KEY, ...shown(PHOTO) }]);

  const answer = await fetch(`${restarted.url}/v1/objects/${KEY}`);
  expect(answer.url).toContain(`${place.endpoint}/${place.bucket}/${KEY}?`);
  expect(answer.headers.get("Content-Type")).toBe("image/jpeg");
  expect(answer.headers.get("Cache-Control")).toContain("immutable");
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(PHOTO);
  const part = { headers: { Range: "bytes=2-5" } };
  const ranged = await fetch(`${restarted.url}/v1/objects/${KEY}`, part);
  expect([ranged.status, await ranged.text()]).toEqual([206, PHOTO.subarray(2, 6).toString()]);
});

function shown(bytes: Buffer) {
  return { bytes: bytes.length, sha256: sha256Hex(bytes) };
}

const OTHER = Buffer.from(PHOTO).fill("x", 0, 1);

test.skipIf(S3_ENDPOINT === undefined).each([
  ["other bytes of the same length", OTHER, {}],
  ["one byte more", Buffer.concat([PHOTO, Buffer.from("!")]), {}],
  ["one byte less", PHOTO.subarray(1), {}],
  ["another type", PHOTO, { "Content-Type": "text/html" }],
  ["another hash, and its bytes", OTHER, { "X-Amz-Content-Sha256": sha256Hex(OTHER) }],
  ["another hash to remember", PHOTO, { "X-Amz-Meta-Sha256": sha256Hex(OTHER) }],
  ["no hash to check", OTHER, { "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD" }],
  ["more to remember than was signed", PHOTO, { "X-Amz-Meta-Owner": "me" }],
  ["another time", PHOTO, { "X-Amz-Date": "20990101T000000Z" }],
  ["no permission", PHOTO, { Authorization: "" }],
])("the store refuses %s", async (_, bytes, headers) => {
  const { place, server } = await startWithBucket();
  const grant = await presign(server, SAID);
  const status = await put(grant, bytes, headers);
  expect([400, 403]).toContain(status);
  expect(await new S3Direct(bucketOf(place)).inspect(KEY)).toBeUndefined();
});

onS3("the store refuses the permission for another name", async () => {
  const { server } = await startWithBucket();
  const grant = await presign(server, SAID);
  const uploadUrl = grant.uploadUrl.replace("feeder-1", "feeder-2");
  expect(await put({ ...grant, uploadUrl })).toBe(403);
});

onS3("the store refuses what was signed more than 15 minutes ago", async () => {
  const place = await makeBucket();
  const facts = { key: KEY, contentType: "image/jpeg", bytes: PHOTO.length, sha256: PHOTO_SHA256 };
  const signedBefore = async (agoMs: number) => {
    const bucket = new S3Bucket(place, { nowMs: () => Date.now() - agoMs });
    const { url, headers } = await new S3Direct(bucket).signUpload(facts);
    return (await fetch(url, { method: "PUT", headers, body: PHOTO })).status;
  };
  expect(await signedBefore(960_000)).toBe(403);
  expect(await signedBefore(840_000)).toBe(200);
});

onS3(
  "an address to read is good for ten minutes, for one object and to nobody who alters it",
  async () => {
    const place = await makeBucket();
    const objects = new S3Objects(bucketOf(place));
    for (const key of [KEY, `${KEY}.jpg`]) {
      await using writer = objects.create(key);
      writer.write(PHOTO);
      await writer.commit();
    }
    const signedBefore = async (agoMs: number) => {
      const bucket = new S3Bucket(place, { nowMs: () => Date.now() - agoMs });
      return (await new S3Direct(bucket).signDownload(KEY, "image/jpeg")).url;
    };
    const statusOf = async (url: string) => (await fetch(url)).status;
    const url = await signedBefore(500_000);
    expect(await statusOf(url)).toBe(200);
    expect(await statusOf(await signedBefore(660_000))).toBe(403);
    for (const altered of [
      url.replace(KEY, `${KEY}.jpg`),
      url.replace("X-Amz-Expires=600", "X-Amz-Expires=6000"),
      url.replace("image%2Fjpeg", "text%2Fhtml"),
      url.replace(/\?.*/, ""),
    ]) {
      expect([400, 401, 403]).toContain(await statusOf(altered));
    }
    expect((await fetch(url, { method: "DELETE" })).status).toBe(403);
  },
);

onS3("a client that says neither length nor hash puts its photo through the server", async () => {
  const { place, server } = await startWithBucket();
  const grant = await presign(server, {});
  expect(grant.uploadUrl).toContain(`${server.url}/fput/`);
  expect(await put(grant)).toBe(200);
  expect(await new S3Direct(bucketOf(place)).inspect(KEY)).toEqual(shown(PHOTO));
  expect(await eventsOfDay(server)).toMatchObject([{ key: KEY, ...shown(PHOTO) }]);
});

onS3("firmware comes through the server, in the parts that a feeder asks for", async () => {
  const { server } = await startWithBucket();
  const image = makeImage({ version: "1.2.3", bytes: 700_000 });
  const released = await fetch(`${server.url}/v1/releases`, { method: "POST", body: image });
  expect(released.status).toBe(201);
  const body = JSON.stringify({ deviceId: "feeder-1", current_version: "0.9.0", labels: [] });
  const checked = await fetch(`${server.url}/api/v1/check-update`, { method: "POST", body });
  const offered = parseCheckUpdateAnswer(await checked.text())?.manifest;
  const ask = (range: string) =>
    fetch(offered?.url ?? "", { headers: { Range: range }, redirect: "error" });
  const whole = await ask("bytes=0-");
  expect(sha256Hex(await whole.bytes())).toBe(sha256Hex(image));
  const part = await ask("bytes=300000-650000");
  expect([part.status, sha256Hex(await part.bytes())]).toEqual([
    206,
    sha256Hex(image.subarray(300_000, 650_001)),
  ]);
});

onS3("what is removed is gone and no longer listed, page after page", async () => {
  const objects = new S3Objects(bucketOf(await makeBucket()));
  const write = async (key: string) => {
    await using writer = objects.create(key);
    writer.write(PHOTO);
    await writer.commit();
  };
  // The test's server lists ten at a time.
  const keys = Array.from({ length: 12 }, (_, n) => `photos/f/${10 + n}.jpg`);
  await Promise.all([...keys, "photos/f/indices/day.json", "clips/f/a.mp4"].map(write));
  await objects.remove("photos/f/11.jpg");
  await objects.remove("photos/f/11.jpg");
  const listed = [];
  for await (const { key, bytes } of objects.list("photos/")) listed.push(`${key} ${bytes}`);
  const left = [...keys.filter((key) => !key.includes("11")), "photos/f/indices/day.json"];
  expect(listed).toEqual(left.map((key) => `${key} ${PHOTO.length}`));
});

function bucketOf(place: BucketPlace): S3Bucket {
  return new S3Bucket(place, new SystemClock());
}
