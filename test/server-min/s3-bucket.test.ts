import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { SystemClock } from "../../server-min/machine/clock.ts";
import { S3Bucket } from "../../server-min/machine/s3-bucket.ts";
import { S3Objects } from "../../server-min/storage/s3-objects.ts";
import { bucketSettings } from "../services/s3-service.ts";
import { tryStart } from "./started-server.ts";

const KEY = "photos/feeder-1/a.jpg";

/** A store that answers as it likes. */
async function storeThat(answer: RequestListener) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const place = {
    endpoint,
    publicEndpoint: endpoint,
    region: "us-east-1",
    bucket: "birds",
    accessKeyId: "key",
    secretAccessKey: "the secret",
  };
  return { asked, place, objects: new S3Objects(new S3Bucket(place, new SystemClock())) };
}

test("a store that is busy, or hangs up, is asked again", async () => {
  const bad: RequestListener[] = [
    (_, response) => response.writeHead(503).end(),
    (_, response) => response.destroy(),
  ];
  const { asked, objects } = await storeThat((request, response) => {
    const next = bad.shift();
    if (next === undefined) response.writeHead(206).end("tit");
    else next(request, response);
  });
  expect(Buffer.from((await objects.read(KEY, 0, 2)) as Uint8Array).toString()).toBe("tit");
  expect(asked).toEqual(Array(3).fill(`GET /birds/${KEY}`));
});

test("a store that stays away is given up, by a name that is no bug", async () => {
  const { asked, objects } = await storeThat((_, response) => response.writeHead(503).end());
  await expect(objects.read(KEY, 0, 2)).rejects.toMatchObject({
    name: "StoreUnavailable",
    message: `the object store answered 503 to GET ${KEY}`,
  });
  expect(asked).toHaveLength(3);
});

test("a store that refuses is not asked again", async () => {
  const { asked, objects } = await storeThat((_, response) =>
    response.writeHead(403).end("<Error><Code>AccessDenied</Code></Error>"),
  );
  await expect(objects.read(KEY, 0, 2)).rejects.toThrow("403 AccessDenied");
  expect(asked).toHaveLength(1);
});

test("an answer that is cut off is not taken for the object", async () => {
  const { objects } = await storeThat((_, response) => {
    response.writeHead(206, { "Content-Length": "3" }).write("ti");
    response.destroy();
  });
  await expect(objects.read(KEY, 0, 2)).rejects.toMatchObject({ name: "StoreUnavailable" });
});

test("what comes through the server has a bound, and leaves room for others when it is over", async () => {
  const { objects } = await storeThat((_, response) => response.writeHead(200).end());
  const chunk = Buffer.alloc(32 * 1024 * 1024);
  const fill = async (chunks: number) => {
    await using writer = objects.create(KEY);
    for (let count = 0; count < chunks; count += 1) await writer.write(chunk);
  };
  await fill(4);
  await expect(fill(5)).rejects.toMatchObject({ name: "StoreUnavailable" });
  await fill(4);
});

test("the whole in answer to a range is cut to the range", async () => {
  const { objects } = await storeThat((_, response) => response.writeHead(200).end("great tit"));
  expect(await objects.read(KEY, 6, 8)).toEqual(new Uint8Array(Buffer.from("tit")));
});

test.each([
  [404, "", "there is no such bucket"],
  [403, "", "answered 403"],
])("a server whose store answers %d does not start, and says why", async (status, body, why) => {
  const { place } = await storeThat((_, response) => response.writeHead(status).end(body));
  const { started } = await tryStart({ objects: bucketSettings(place) });
  expect(started).toMatchObject({ kind: "failed", reason: "bucket_unusable" });
  expect(JSON.stringify(started)).toContain(why);
  expect(JSON.stringify(started)).not.toContain(place.secretAccessKey);
});

test("a server without its store's secret key does not start", async () => {
  const { asked, place } = await storeThat((_, response) => response.writeHead(200).end());
  const { secretAccessKeyFile, ...settings } = bucketSettings(place);
  for (const objects of [
    settings,
    { ...settings, secretAccessKeyFile: `${secretAccessKeyFile}x` },
  ]) {
    const { started } = await tryStart({ objects });
    expect(started).toMatchObject({ kind: "failed", reason: "bucket_unusable" });
  }
  expect(asked).toEqual([]);
});

test("what the store cannot do now is a 503 with a code", async () => {
  const { place } = await storeThat((request, response) =>
    response.writeHead(request.method === "HEAD" ? 200 : 503).end(),
  );
  const { started } = await tryStart({ objects: bucketSettings(place) });
  if (started.kind === "failed") throw new Error(started.reason);
  onTestFinished(() => started.close());
  const body = JSON.stringify({ deviceId: "feeder-1", kind: "photos", contentType: "image/jpeg" });
  const presigned = await fetch(`${started.url}/v1/presign/put`, { method: "POST", body });
  const { uploadUrl, headers } = (await presigned.json()) as {
    uploadUrl: string;
    headers: Record<string, string>;
  };
  const answer = await fetch(uploadUrl, { method: "PUT", headers, body: "a bird" });
  expect([answer.status, await answer.json()]).toMatchObject([503, { code: "store_unavailable" }]);
});
