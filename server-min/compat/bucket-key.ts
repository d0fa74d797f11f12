import { createHash } from "node:crypto";
import type { MediaKind } from "../../protocol/media.ts";
import { parseObjectKey } from "../../protocol/object-key.ts";

/** The camera of the first stack says .bin for a clip it has not looked into. */
const FILE_ENDING = /\.(jpe?g|png|mp4|avi|bin)$/;

/**
 * The first stack has one bucket a kind, and its clients name objects inside it: `<deviceId>/<file>`.
 * Undefined when the name is unsafe or another device's.
 */
export function bucketKey(
  kind: MediaKind,
  deviceId: string,
  objectKey: string,
): string | undefined {
  const key = `${kind}/${objectKey}`;
  const parts = parseObjectKey(key);
  return parts?.deviceId === deviceId && FILE_ENDING.test(parts.fileName) ? key : undefined;
}

/** A client that names its object has no capture id: the same name is the same capture. */
export function captureIdOfKey(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}
