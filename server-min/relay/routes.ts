import { Hono } from "hono";
import * as v from "valibot";
import { isDeviceId } from "../../protocol/ids.ts";
import type { Audit } from "../identity/audit.ts";
import { ALL_ROOMS, mayWatch, sees } from "../identity/principal.ts";
import { readOptionalJson } from "../json-body.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { signRoomToken, socketUrl } from "./room-token.ts";

/** The page asks again whenever it reconnects. */
const VIEWER_TOKEN_SECONDS = 60 * 60;
/** For a screen in the living room; who should not see any more is waited for so long. */
const VIEWER_TOKEN_SECONDS_MAX = 366 * 24 * 60 * 60;
const ROOMS_MAX = 100;
const EVENTS_LIMIT = 200;

const ROOM = v.pipe(
  v.custom<string>((id) => id === ALL_ROOMS || isDeviceId(id), "not a device id"),
  v.metadata({ type: "string" }),
);
export const VIEWER_BODY = v.object({
  rooms: v.optional(v.pipe(v.array(ROOM), v.minLength(1), v.maxLength(ROOMS_MAX)), [ALL_ROOMS]),
  expiresIn: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(VIEWER_TOKEN_SECONDS_MAX)),
    VIEWER_TOKEN_SECONDS,
  ),
});

export function relayRoutes({ clock, rooms, settings }: AppPorts, audit: Audit): Hono {
  return new Hono()
    .post("/v1/viewer-token", async (c) => {
      const body = await readOptionalJson(c.req.raw, VIEWER_BODY);
      if (body.kind === "refused") return problemAnswer(body);
      const { expiresIn, rooms: seen } = body.value;
      const lifetime = { nowMs: clock.nowMs(), lifetimeSeconds: expiresIn };
      const token = signRoomToken(settings.relaySecret, { role: "viewer", rooms: seen }, lifetime);
      const signal_ws = socketUrl(settings.publicUrl, token);
      if (!isPagesOwn(body.value)) {
        const after = { rooms: seen, expiresIn };
        await audit.did(c, { action: "make_viewer_token", target: seen.join(" "), after });
      }
      return c.json({ token, signal_ws, rooms: seen, expiresIn });
    })
    .get("/v1/events", (c) => {
      const { after, limit = String(EVENTS_LIMIT), deviceId } = c.req.query();
      if (deviceId !== undefined && !isDeviceId(deviceId)) {
        return problemAnswer(refused("invalid_device_id"));
      }
      if (!/^[1-9]\d{0,8}$/.test(limit)) return problemAnswer(refused("invalid_request", "limit"));
      if (after !== undefined && !/^[0-9a-z]{1,12}-\d{1,15}$/.test(after)) {
        return problemAnswer(refused("invalid_request", "after"));
      }
      const principal = c.get("principal");
      const refusal = deviceId === undefined ? undefined : mayWatch(principal, deviceId);
      if (refusal !== undefined) return problemAnswer(refusal);
      const of = (id: string) => id === (deviceId ?? id) && sees(principal, id);
      return c.json(
        rooms.recentEvents({ after, of, limit: Math.min(Number(limit), EVENTS_LIMIT) }),
      );
    });
}

/** The page asks for this one whenever it connects: a log of it would be a log of nothing else. */
function isPagesOwn({ rooms, expiresIn }: v.InferOutput<typeof VIEWER_BODY>): boolean {
  return rooms.includes(ALL_ROOMS) && expiresIn === VIEWER_TOKEN_SECONDS;
}
