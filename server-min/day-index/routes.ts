import { Hono } from "hono";
import { isUtcDate } from "../../protocol/day-index.ts";
import { isDeviceId } from "../../protocol/ids.ts";
import { mayWatch } from "../identity/principal.ts";
import { cutPage, readPage } from "../page-query.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { daysOfDevice, objectsOfDay, type PartOfDay } from "../storage/stored-objects.ts";
import { describeDay } from "./day-index.ts";

/** Some 35 ms and 1.2 MB: far more than birds come in a day, and a page still reads it in one. */
const LIMIT_MAX = 5_000;
/** A capture's time, and its object's key among those of the same millisecond. */
const CURSOR = /^(-?\d{1,15})_(.*)$/;
const FROM_THE_FIRST = `${-(10 ** 14)}_`;

export function dayIndexRoutes({ sql, clock }: AppPorts): Hono {
  return new Hono()
    .get("/v1/index/:deviceId/:date", async (c) => {
      const { deviceId, date } = c.req.param();
      if (!isDeviceId(deviceId)) return problemAnswer(refused("invalid_device_id"));
      c.set("deviceId", deviceId);
      if (!isUtcDate(date)) return problemAnswer(refused("invalid_date"));
      const refusal = mayWatch(c.get("principal"), deviceId);
      if (refusal !== undefined) return problemAnswer(refusal);
      const page = readPage(c.req.query(), LIMIT_MAX);
      if ("kind" in page) return problemAnswer(page);
      const { limit = LIMIT_MAX, after = FROM_THE_FIRST } = page;
      const begin = readCursor(after);
      if (begin === undefined) return problemAnswer(refused("invalid_request", "after"));
      const day = { deviceId, date, nowMs: clock.nowMs() };
      const objects = await objectsOfDay(sql, day, { after: begin, limit: limit + 1 });
      const { shown, next } = cutPage(objects, limit, writeCursor);
      return c.json({ ...describeDay(day, shown), next });
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

function readCursor(after: string): PartOfDay["after"] | undefined {
  const [, capturedMs, key] = CURSOR.exec(after) ?? [];
  return key === undefined ? undefined : { captured_at_ms: Number(capturedMs), key };
}

function writeCursor({ captured_at_ms, key }: PartOfDay["after"]): string {
  return `${captured_at_ms}_${key}`;
}
