import { Hono } from "hono";
import { isDeviceId } from "../../protocol/ids.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import type { Settings } from "../settings.ts";
import { bucketKey } from "./bucket-key.ts";
import { mediaOf, PRESIGN_KINDS } from "./presign-kinds.ts";

/** Objects are immutable and readable while they exist; a client of the first stack wants a number. */
const URL_SECONDS = 900;

/** GET /v1/presign/get of the first stack: where to download an object its client named. */
export function presignGetRoutes(settings: Settings): Hono {
  return new Hono().get("/v1/presign/get", (c) => {
    const { deviceId, kind: kindName, objectKey = "" } = c.req.query();
    if (!isDeviceId(deviceId)) return problemAnswer(refused("invalid_device_id"));
    const knownKind = PRESIGN_KINDS.find((known) => known === kindName);
    if (kindName !== undefined && knownKind === undefined) {
      return problemAnswer(refused("invalid_request", "kind"));
    }
    const key = bucketKey(mediaOf({ kind: knownKind, objectKey }).kind, deviceId, objectKey);
    if (key === undefined) return problemAnswer(refused("invalid_key"));
    return c.json({ url: `${settings.publicUrl}/v1/objects/${key}`, key, expiresIn: URL_SECONDS });
  });
}
