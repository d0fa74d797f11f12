import { Hono } from "hono";
import type { AppPorts } from "../ports.ts";
import { addDeviceFigures } from "./device-figures.ts";
import { addRelayFigures } from "./relay-figures.ts";
import { addStorageFigures } from "./storage-figures.ts";

/** For Prometheus, and the first stack's counters as JSON. */
export function metricsRoutes(ports: AppPorts): Hono {
  const { clock, rooms, metrics } = ports;
  addDeviceFigures(ports);
  addRelayFigures(ports);
  addStorageFigures(ports);
  return new Hono()
    .get("/rooms", (c) => c.json({ rooms: rooms.counters().rooms }))
    .get("/v1/metrics", (c) => c.json({ ...rooms.counters(), ts: clock.nowMs() }))
    .get("/metrics", async (c) => {
      const { register } = metrics;
      return c.text(await register.metrics(), 200, { "Content-Type": register.contentType });
    });
}
