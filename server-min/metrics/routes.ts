import { Hono } from "hono";
import type { AppPorts } from "../ports.ts";

export function metricsRoutes({ clock, sql, rooms }: AppPorts): Hono {
  return new Hono()
    .get("/rooms", (c) => c.json({ rooms: rooms.counters().rooms }))
    .get("/v1/metrics", (c) => c.json({ ...rooms.counters(), ts: clock.nowMs() }))
    .get("/metrics", async (c) => {
      const { totalClients, messageCount } = rooms.counters();
      const stored = await sql
        .selectFrom("objects")
        .select(({ fn }) => [
          fn.countAll<number>().as("count"),
          fn.coalesce(fn.sum<number>("bytes"), (is) => is.lit(0)).as("bytes"),
        ])
        .executeTakeFirstOrThrow();
      const lines = [
        ...metricLines("skyfeeder_relay_clients", "gauge", totalClients),
        ...metricLines("skyfeeder_relay_messages_total", "counter", messageCount),
        ...metricLines("skyfeeder_objects", "gauge", stored.count),
        ...metricLines("skyfeeder_object_bytes", "gauge", stored.bytes),
      ];
      return c.text(`${lines.join("\n")}\n`, 200, { "Content-Type": "text/plain; version=0.0.4" });
    });
}

function metricLines(name: string, type: "gauge" | "counter", value: number): string[] {
  return [`# TYPE ${name} ${type}`, `${name} ${value}`];
}
