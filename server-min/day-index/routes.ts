import { Hono } from "hono";
import { isUtcDate } from "../../protocol/day-index.ts";
import { isDeviceId } from "../../protocol/ids.ts";
import { mayWatch } from "../identity/principal.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { daysOfDevice } from "../storage/stored-objects.ts";
import { readDayIndex } from "./day-index.ts";

export function dayIndexRoutes({ sql, clock }: AppPorts): Hono {
  return new Hono()
    .get("/v1/index/:deviceId/:date", async (c) => {
      const { deviceId, date } = c.req.param();
      if (!isDeviceId(deviceId)) return problemAnswer(refused("invalid_device_id"));
      c.set("deviceId", deviceId);
      if (!isUtcDate(date)) return problemAnswer(refused("invalid_date"));
      const refusal = mayWatch(c.get("principal"), deviceId);
      if (refusal !== undefined) return problemAnswer(refusal);
      return c.json(await readDayIndex(sql, { deviceId, date, nowMs: clock.nowMs() }));
    })
    .get("/v1/days/:deviceId", async (c) => {
      const deviceId = c.req.param("deviceId");
      if (!isDeviceId(deviceId)) return problemAnswer(refused("invalid_device_id"));
      c.set("deviceId", deviceId);
      const refusal = mayWatch(c.get("principal"), deviceId);
      if (refusal !== undefined) return problemAnswer(refusal);
      return c.json({ deviceId, days: await daysOfDevice(sql, deviceId) });
    });
}
