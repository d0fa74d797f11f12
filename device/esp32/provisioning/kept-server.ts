import { NVS_KEYS } from "../nvs-keys.ts";
import type { KeyValueStore } from "../ports.ts";

/** What another server is not to be shown, and what operators set whose numbers it does not know. */
const OF_A_SERVER = [NVS_KEYS.deviceToken, NVS_KEYS.deviceConfig];

export function readServer(store: KeyValueStore): string | undefined {
  return store.read(NVS_KEYS.serverUrl);
}

/** Another than before. */
export function keepServer(store: KeyValueStore, serverUrl: string): void {
  // First: a cut in between costs an approval, the other way round the new server would be shown the old one's token.
  forgetServer(store);
  store.write(NVS_KEYS.serverUrl, serverUrl);
}

export function forgetServer(store: KeyValueStore): void {
  for (const key of OF_A_SERVER) {
    if (store.read(key) !== undefined) store.delete(key);
  }
}
