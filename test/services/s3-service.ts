import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { SystemClock } from "../../server-min/machine/clock.ts";
import type { BucketPlace } from "../../server-min/machine/s3-bucket.ts";
import { S3Bucket } from "../../server-min/machine/s3-bucket.ts";

/** Where test/services/s3.sh started a server; undefined: what needs one is left out. */
export const S3_ENDPOINT = process.env.SKYFEEDER_TEST_S3;

/** A bucket of the test's own. */
export async function makeBucket(): Promise<BucketPlace> {
  if (S3_ENDPOINT === undefined) throw new Error("$SKYFEEDER_TEST_S3 is not set");
  const place = {
    endpoint: S3_ENDPOINT,
    publicEndpoint: S3_ENDPOINT,
    region: "us-east-1",
    bucket: `skyfeeder-${randomBytes(6).toString("hex")}`,
    accessKeyId: "test:tester",
    secretAccessKey: "SKTEST",
  };
  await new S3Bucket(place, new SystemClock()).send({ method: "PUT" });
  return place;
}

/** The same as a settings file says it. */
export function bucketSettings({ secretAccessKey, ...place }: BucketPlace) {
  const folder = mkdtempSync(join(tmpdir(), "skyfeeder-secret-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const secretAccessKeyFile = join(folder, "secret");
  writeFileSync(secretAccessKeyFile, `${secretAccessKey}\n`);
  return { ...place, secretAccessKeyFile };
}
