import config from "mc/config";
import type { KeyValueStore } from "../ports.ts";
import type { Settings } from "../settings.ts";

export interface WifiCredentials {
  readonly ssid: string;
  /** Empty for an open network. */
  readonly password: string;
}

/** What provisioning stored wins over what `mcconfig ... deviceId=feeder-1 ssid=...` baked in. */
export function readSettings(store: KeyValueStore): Settings {
  return {
    deviceId: readText(store, "deviceId"),
    serverUrl: readText(store, "serverUrl"),
    // Baked in only: a stored version would outlive the image it names.
    firmwareVersion: bakedIn("firmwareVersion"),
  };
}

/** Undefined until somebody gave the feeder a network. */
export function readWifiCredentials(store: KeyValueStore): WifiCredentials | undefined {
  const ssid = readText(store, "ssid");
  return ssid === "" ? undefined : { ssid, password: readText(store, "password") };
}

function readText(store: KeyValueStore, key: string): string {
  return store.read(key) ?? bakedIn(key);
}

function bakedIn(key: string): string {
  const value: unknown = config[key];
  return typeof value === "string" ? value : "";
}
