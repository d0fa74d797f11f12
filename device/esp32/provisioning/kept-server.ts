import type { KeyValueStore } from "../ports.ts";

/** NVS keys have at most 15 characters. */
const SERVER_KEY = "serverUrl";
/** The old server's: a new one is not told of it. */
const TOKEN_KEY = "deviceToken";

export function readServer(store: KeyValueStore): string | undefined {
  return store.read(SERVER_KEY);
}

/** Another than before. */
export function keepServer(store: KeyValueStore, serverUrl: string): void {
  // First: a cut in between costs an approval, the other way round the new server would be shown the old one's token.
  if (store.read(TOKEN_KEY) !== undefined) store.delete(TOKEN_KEY);
  store.write(SERVER_KEY, serverUrl);
}
