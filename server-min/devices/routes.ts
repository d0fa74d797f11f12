import { Hono } from "hono";
import { utcDate } from "../../protocol/day-index.ts";
import { seenBy } from "../identity/principal.ts";
import { cutPage, readPage } from "../page-query.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer } from "../problem-answer.ts";
import { listDevices } from "./device-rows.ts";

/** Some 10 ms and 0.2 MB; a page of 10,000 would hold everybody else up for a tenth of a second. */
const LIMIT_MAX = 1_000;

export function deviceRoutes({ clock, sql, rooms, simulation }: AppPorts): Hono {
  return new Hono().get("/v1/devices", async (c) => {
    const simulated = new Set(simulation?.deviceIds());
    const page = readPage(c.req.query(), LIMIT_MAX);
    if ("kind" in page) return problemAnswer(page);
    const { limit = LIMIT_MAX, after } = page;
    const among = seenBy(c.get("principal"));
    const today = utcDate(clock.nowMs());
    const rows = await listDevices(sql, { today, among, after, limit: limit + 1 });
    const { shown, next } = cutPage(rows, limit, ({ deviceId }) => deviceId);
    const devices = shown.map(
      ({ deviceId, name, lastSeenMs, photosToday, lastKey, lastCapturedMs }) => ({
        deviceId,
        name,
        online: rooms.hasFeeder(deviceId),
        lastSeenTs: Math.max(lastSeenMs, rooms.lastHeardMs(deviceId)),
        photosToday,
        lastPhoto: lastKey === null ? null : { key: lastKey, ts: lastCapturedMs },
        simulated: simulated.has(deviceId),
      }),
    );
    return c.json({ devices, next });
  });
}
