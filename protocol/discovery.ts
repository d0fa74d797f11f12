import { parseRecord } from "./json.ts";

/** What a feeder needs of GET /v1/discovery/:deviceId. `signal_ws` carries the token of its room. */
export interface Discovery {
  readonly apiBase: string;
  readonly signalWs: string;
  /** Of the broker, where there is one. */
  readonly mqttUrl: string | undefined;
  /** Server time, milliseconds since the epoch. */
  readonly serverTimeMs: number;
}

export function parseDiscovery(body: string): Discovery | undefined {
  const answer = parseRecord(body);
  if (answer === undefined) return undefined;
  const { api_base, signal_ws, mqtt_url, time } = answer;
  if (typeof api_base !== "string" || typeof signal_ws !== "string") return undefined;
  const serverTimeMs = typeof time === "string" ? Date.parse(time) : Number.NaN;
  const mqttUrl = typeof mqtt_url === "string" ? mqtt_url : undefined;
  return Number.isFinite(serverTimeMs)
    ? { apiBase: api_base, signalWs: signal_ws, mqttUrl, serverTimeMs }
    : undefined;
}
