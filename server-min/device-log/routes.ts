import { Hono } from "hono";
import * as v from "valibot";
import { isDeviceId } from "../../protocol/ids.ts";
import type { LogCommand } from "../../protocol/log-messages.ts";
import { REMOTE_LOG_LEVELS, REMOTE_LOG_MINUTES_MAX } from "../../protocol/log-messages.ts";
import { isKnownDevice } from "../devices/device-rows.ts";
import type { Audit } from "../identity/audit.ts";
import { readJson } from "../json-body.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";

const MINUTES = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(0),
  v.maxValue(REMOTE_LOG_MINUTES_MAX),
  v.description("0 ends it."),
);

export const LOG_BODY = v.object({
  level: v.optional(v.picklist(REMOTE_LOG_LEVELS), "info"),
  minutes: MINUTES,
});

/** A device's log comes into its room, as `event.log`, for as long as an operator wants it there. */
export function deviceLogRoutes(
  { sql, rooms }: Pick<AppPorts, "sql" | "rooms">,
  audit: Audit,
): Hono {
  return new Hono().post("/v1/devices/:deviceId/log", async (c) => {
    const deviceId = c.req.param("deviceId");
    if (!isDeviceId(deviceId)) return problemAnswer(refused("invalid_device_id"));
    const body = await readJson(c.req.raw, LOG_BODY);
    if (body.kind === "refused") return problemAnswer(body);
    if (!rooms.hasFeeder(deviceId)) {
      const isKnown = await isKnownDevice(sql, deviceId);
      return problemAnswer(isKnown ? refused("device_offline") : refused("not_found"));
    }
    const payload: LogCommand = body.value;
    rooms.publish(deviceId, { type: "cmd.log", payload });
    await audit.did(c, { action: "follow_log", target: deviceId, after: payload });
    return c.json({ deviceId, ...payload }, 202);
  });
}
