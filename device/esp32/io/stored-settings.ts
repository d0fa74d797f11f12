import config from "mc/config";
import { type Channel, isChannel } from "../../../protocol/update-manifest.ts";
import { parseUpdateWindow } from "../../../protocol/update-window.ts";
import { parseWifiCredentials, type WifiCredentials } from "../../../protocol/wifi-credentials.ts";
import { NVS_KEYS } from "../nvs-keys.ts";
import type { KeyValueStore } from "../ports.ts";
import type { Settings } from "../settings.ts";
import type { BakedInKeys } from "./manifest-keys.ts";
import { BATTERY_PINS } from "./pins.ts";

/** What provisioning stored wins over what `mcconfig ... deviceId=feeder-1 ssid=...` baked in. */
export function readSettings(store: KeyValueStore, mac: string): Settings {
  return {
    // Two feeders of one bare image must not be one to the server, which also knows an unknown MAC by its hex digits.
    deviceId: readText(store, "deviceId") || mac,
    serverUrl: readText(store, NVS_KEYS.serverUrl),
    // Baked in only: a stored version would outlive the image it names.
    firmwareVersion: bakedIn("firmwareVersion"),
    build: { product: bakedIn("product"), board: bakedIn("board"), chip: bakedIn("chip") },
    channel: readChannel(store),
    updateWindow: parseUpdateWindow(readText(store, "updateWindow")),
    wifi: readWifiCredentials(store),
    sessionTransport: readText(store, "transport") === "mqtt" ? "mqtt" : "relay",
  };
}

/** provisioning/credentials.ts writes "wifi"; older boards and builds have its two halves. */
function readWifiCredentials(store: KeyValueStore): WifiCredentials | undefined {
  const stored = parseWifiCredentials(store.read(NVS_KEYS.wifi) ?? "");
  if (stored !== undefined) return stored;
  const ssid = readText(store, "ssid");
  return ssid === "" ? undefined : { ssid, password: readText(store, "password") };
}

function readChannel(store: KeyValueStore): Channel {
  const channel = readText(store, "channel");
  return isChannel(channel) ? channel : "stable";
}

/** The pin that switches the camera's supply; undefined where none is wired. */
export function readCameraSupplyPin(store: KeyValueStore): number | undefined {
  return readPin(store, "cameraSupplyPin");
}

/** The pin that sees half of the battery's voltage; undefined where none is wired, or where it cannot be measured. */
export function readBatteryPin(store: KeyValueStore): number | undefined {
  const pin = readPin(store, "batteryPin");
  return pin !== undefined && BATTERY_PINS.includes(pin) ? pin : undefined;
}

/** Baked in only: what NVS could add to them would be no key. */
export function readManifestKeys(): BakedInKeys {
  return { updateKeys: bakedIn("updateKeys"), developmentKey: bakedIn("developmentKey") };
}

/** Baked in only: who can write NVS shall not say whom to trust. */
export function readCaCertificates(): string {
  return bakedIn("caCertificates");
}

function readPin(store: KeyValueStore, key: string): number | undefined {
  const text = readText(store, key);
  return /^\d{1,2}$/.test(text) ? Number(text) : undefined;
}

function readText(store: KeyValueStore, key: string): string {
  return store.read(key) ?? bakedIn(key);
}

function bakedIn(key: string): string {
  const value: unknown = config[key];
  return typeof value === "string" ? value : "";
}
