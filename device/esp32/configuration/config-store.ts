import { checkSetting } from "../../../protocol/check-settings.ts";
import type { ConfigFailure } from "../../../protocol/config-messages.ts";
import type { DeviceSettings } from "../../../protocol/device-config.ts";
import { isRecord, parseRecord } from "../../../protocol/json.ts";
import { NVS_KEYS } from "../nvs-keys.ts";
import type { KeyValueStore } from "../ports.ts";
import { type ConfigState, NEVER_CONFIGURED, type VersionedSettings } from "./config-state.ts";

/** One value: whatever the power does, it is the state before or the state behind. */
export function writeConfigState(store: KeyValueStore, state: ConfigState): void {
  store.write(NVS_KEYS.deviceConfig, JSON.stringify(state));
}

export function readConfigState(store: KeyValueStore): ConfigState {
  const stored = parseRecord(store.read(NVS_KEYS.deviceConfig) ?? "");
  const good = parseVersioned(stored?.good);
  if (stored === undefined || good === undefined) return NEVER_CONFIGURED;
  const { kind, starts, version, reason, detail } = stored;
  const trial = parseVersioned(stored.trial);
  if (kind === "trial" && trial !== undefined && typeof starts === "number") {
    return { kind, good, trial, starts };
  }
  const isRefusal = kind === "rejected" || kind === "rolled_back";
  if (!isRefusal || typeof version !== "number") return { kind: "confirmed", good };
  const about = typeof detail === "string" ? detail : undefined;
  // Only this firmware wrote it: a word that a later one had is passed on as it is.
  return { kind, good, version, reason: reason as ConfigFailure, detail: about };
}

/** Another firmware may have had other settings: what this one does not know it does without. */
function parseVersioned(value: unknown): VersionedSettings | undefined {
  if (!isRecord(value) || typeof value.version !== "number") return undefined;
  const settings: Record<string, unknown> = isRecord(value.settings) ? value.settings : {};
  const known: Record<string, unknown> = {};
  for (const name of Object.keys(settings)) {
    if (checkSetting(name, settings[name]) === undefined) known[name] = settings[name];
  }
  return { version: value.version, settings: known as DeviceSettings };
}
