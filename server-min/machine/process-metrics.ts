import type { Registry } from "prom-client";
import { collectDefaultMetrics } from "prom-client";

/** Gauges whose names say that they were counters, which promtool refuses; each has a twin by type. */
const MISNAMED = [
  "nodejs_active_resources_total",
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
];

/** Memory, processor time, open files and event loop of the process this server runs in. */
export function addProcessMetrics(register: Registry): void {
  collectDefaultMetrics({ register });
  for (const name of MISNAMED) register.removeSingleMetric(name);
}
