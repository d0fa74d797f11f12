import { readFileSync } from "node:fs";
import type { ObjectStore } from "../ports.ts";
import { S3Objects } from "../storage/s3-objects.ts";
import { StoreUnavailable } from "../storage/store-unavailable.ts";
import { SystemClock } from "./clock.ts";
import { S3Bucket } from "./s3-bucket.ts";
import type { SettingsFile } from "./settings-file.ts";

export type BucketFailure = {
  readonly kind: "failed";
  readonly reason: "bucket_unusable";
  readonly detail: string;
};

/** The bucket of the settings, once it has answered. */
export async function openBucket(
  settings: NonNullable<SettingsFile["objects"]>,
): Promise<{ readonly kind: "opened"; readonly objects: ObjectStore } | BucketFailure> {
  const { endpoint, publicEndpoint = endpoint, secretAccessKeyFile } = settings;
  const secretAccessKey = readSecret(secretAccessKeyFile);
  if (secretAccessKey === undefined) {
    const place = secretAccessKeyFile ?? "objects.secretAccessKeyFile or $SKYFEEDER_S3_SECRET_KEY";
    return { kind: "failed", reason: "bucket_unusable", detail: `no secret key in ${place}` };
  }
  const place = { ...settings, publicEndpoint, secretAccessKey };
  const bucket = new S3Bucket(place, new SystemClock());
  const answer = await bucket.send({ method: "HEAD" }).catch(asFailure);
  if (answer instanceof StoreUnavailable || answer.status !== 200) {
    const said = answer instanceof Error ? answer.message : "there is no such bucket";
    const detail = `${settings.bucket} at ${endpoint}: ${said}`;
    return { kind: "failed", reason: "bucket_unusable", detail };
  }
  return { kind: "opened", objects: new S3Objects(bucket) };
}

/** A container is given its secrets in the environment, a machine as a file. */
function readSecret(file: string | undefined): string | undefined {
  if (file === undefined) return process.env.SKYFEEDER_S3_SECRET_KEY;
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}

function asFailure(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  throw error;
}
