import { Hono } from "hono";
import { isDeviceId } from "../../protocol/ids.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { ALL_ROOMS, signRoomToken, socketUrl } from "./room-token.ts";

/** The page asks again whenever it reconnects. */
const VIEWER_TOKEN_SECONDS = 60 * 60;
const EVENTS_LIMIT = 200;

export function relayRoutes({ clock, rooms, settings }: AppPorts): Hono {
  return new Hono()
    .post("/v1/viewer-token", (c) => {
      const expiresIn = VIEWER_TOKEN_SECONDS;
      const lifetime = { nowMs: clock.nowMs(), lifetimeSeconds: expiresIn };
      const token = signRoomToken(settings.relaySecret, { role: "viewer" }, lifetime);
      const signal_ws = socketUrl(settings.publicUrl, token);
      return c.json({ token, signal_ws, rooms: [ALL_ROOMS], expiresIn });
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
      return c.json(
        rooms.recentEvents({ after, deviceId, limit: Math.min(Number(limit), EVENTS_LIMIT) }),
      );
    });
}
