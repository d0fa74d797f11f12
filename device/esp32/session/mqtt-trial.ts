import type { MqttFallback } from "../../../protocol/room-messages.ts";
import { MQTT_ATTEMPTS_MAX, MQTT_RETRY_MS } from "../limits.ts";

/** A feeder whose settings want MQTT must not be lost by them: without a broker that works it goes by the relay. */
export type MqttTrial =
  /** `unheard`: connections in a row on which the server did not acknowledge anything. */
  | { readonly kind: "mqtt"; readonly unheard: number }
  | { readonly kind: "relay"; readonly because: MqttFallback; readonly untilMs: number };

export const FIRST_TRIAL: MqttTrial = { kind: "mqtt", unheard: 0 };

/** By which of both the next connection goes; one over MQTT counts as unheard until something is heard. */
export function nextTrial(trial: MqttTrial, mqttUrl: string | undefined, nowMs: number): MqttTrial {
  if (trial.kind === "relay" && nowMs < trial.untilMs) return trial;
  const unheard = trial.kind === "mqtt" ? trial.unheard : 0;
  const fallBack = (because: MqttFallback): MqttTrial => {
    return { kind: "relay", because, untilMs: nowMs + MQTT_RETRY_MS };
  };
  if (mqttUrl === undefined) return fallBack("no_mqtt_url");
  if (unheard >= MQTT_ATTEMPTS_MAX) return fallBack("mqtt_unreachable");
  return { kind: "mqtt", unheard: unheard + 1 };
}

/** The server has acknowledged something. */
export function heardTrial(trial: MqttTrial): MqttTrial {
  return trial.kind === "mqtt" ? FIRST_TRIAL : trial;
}
