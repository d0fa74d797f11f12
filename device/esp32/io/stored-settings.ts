import config from "mc/config";
import type { KeyValueStore } from "../ports.ts";
import type { Settings, WifiCredentials } from "../settings.ts";

/** What provisioning stored wins over what `mcconfig ... deviceId=feeder-1 ssid=...` baked in. */
export function readSettings(store: KeyValueStore): Settings {
  return {
    deviceId: readText(store, "deviceId"),
    serverUrl: readText(store, "serverUrl"),
    // Baked in only: a stored version would outlive the image it names.
    firmwareVersion: bakedIn("firmwareVersion"),
    wifi: readWifiCredentials(store),
  };
}

function readWifiCredentials(store: KeyValueStore): WifiCredentials | undefined {
  const ssid = readText(store, "ssid");
  return ssid === "" ? undefined : { ssid, password: readText(store, "password") };
}

/** The pin that switches the camera's supply; undefined where none is wired. */
export function readCameraSupplyPin(store: KeyValueStore): number | undefined {
  const text = readText(store, "cameraSupplyPin");
  return /^\d{1,2}$/.test(text) ? Number(text) : undefined;
}

function readText(store: KeyValueStore, key: string): string {
  return store.read(key) ?? bakedIn(key);
}

function bakedIn(key: string): string {
  const value: unknown = config[key];
  return typeof value === "string" ? value : "";
}
