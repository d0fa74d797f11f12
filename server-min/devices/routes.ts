import { Hono } from "hono";
import { utcDate } from "../../protocol/day-index.ts";
import { sees } from "../identity/principal.ts";
import type { AppPorts } from "../ports.ts";
import { listDevices } from "./device-rows.ts";

export function deviceRoutes({ clock, sql, rooms, simulation }: AppPorts): Hono {
  return new Hono().get("/v1/devices", async (c) => {
    const simulated = new Set(simulation?.deviceIds());
    const rows = await listDevices(sql, utcDate(clock.nowMs()));
    const seen = rows.filter(({ deviceId }) => sees(c.get("principal"), deviceId));
    const devices = seen.map(
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
    return c.json({ devices });
  });
}
