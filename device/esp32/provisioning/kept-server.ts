import type { KeyValueStore } from "../ports.ts";

/** NVS keys have at most 15 characters. */
const SERVER_KEY = "serverUrl";
/** The old server's: a new one is not told of it. */
const TOKEN_KEY = "deviceToken";
/** What its operators set, under its own numbers: one of them might keep the feeder from the new server. */
const CONFIG_KEY = "deviceConfig";

export function readServer(store: KeyValueStore): string | undefined {
  return store.read(SERVER_KEY);
}

/** Another than before. */
export function keepServer(store: KeyValueStore, serverUrl: string): void {
  // First: a cut in between costs an approval, the other way round the new server would be shown the old one's token.
  for (const key of [TOKEN_KEY, CONFIG_KEY]) {
    if (store.read(key) !== undefined) store.delete(key);
  }
  store.write(SERVER_KEY, serverUrl);
}
