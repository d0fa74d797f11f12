import type { Mqtt } from "../mqtt/start-mqtt.ts";
import type { ServerMetrics } from "./server-metrics.ts";

export function addMqttFigures(metrics: ServerMetrics, mqtt: Pick<Mqtt, "counters">): void {
  metrics.gauge("mqtt_clients", "Connected clients of the broker.", [], (gauge) =>
    gauge.set(mqtt.counters().clients),
  );
}
