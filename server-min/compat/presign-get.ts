import { Hono } from "hono";
import { isDeviceId } from "../../protocol/ids.ts";
import { mayWatch } from "../identity/principal.ts";
import type { Clock } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { signRoomToken } from "../relay/room-token.ts";
import type { Settings } from "../settings.ts";
import { bucketKey } from "./bucket-key.ts";
import { mediaOf, PRESIGN_KINDS } from "./presign-kinds.ts";

/** Objects are immutable and readable while they exist; a client of the first stack wants a number. */
const URL_SECONDS = 900;

/** GET /v1/presign/get of the first stack: where to download an object its client named. */
export function presignGetRoutes(settings: Settings, clock: Clock): Hono {
  /** Whoever is given the URL may fetch it without more; an open server asks nobody. */
  function permission(deviceId: string): string {
    if (settings.adminPasswordHash === undefined) return "";
    const lifetime = { nowMs: clock.nowMs(), lifetimeSeconds: URL_SECONDS };
    const access = { role: "viewer", rooms: [deviceId] } as const;
    return `?token=${signRoomToken(settings.relaySecret, access, lifetime)}`;
  }

  return new Hono().get("/v1/presign/get", (c) => {
    const { deviceId, kind: kindName, objectKey = "" } = c.req.query();
    if (!isDeviceId(deviceId)) return problemAnswer(refused("invalid_device_id"));
    const refusal = mayWatch(c.get("principal"), deviceId);
    if (refusal !== undefined) return problemAnswer(refusal);
    const knownKind = PRESIGN_KINDS.find((known) => known === kindName);
    if (kindName !== undefined && knownKind === undefined) {
      return problemAnswer(refused("invalid_request", "kind"));
    }
    const key = bucketKey(mediaOf({ kind: knownKind, objectKey }).kind, deviceId, objectKey);
    if (key === undefined) return problemAnswer(refused("invalid_key"));
    const url = `${settings.publicUrl}/v1/objects/${key}${permission(deviceId)}`;
    return c.json({ url, key, expiresIn: URL_SECONDS });
  });
}
