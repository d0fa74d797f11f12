import { encodeWifiCredentials, type WifiCredentials } from "../../../protocol/wifi-credentials.ts";
import { JOIN_TRIAL_MS } from "../limits.ts";
import { NVS_KEYS } from "../nvs-keys.ts";
import type { JoinResult, KeyValueStore, WifiSetup } from "../ports.ts";

/** What boards had before: two values, which a power cut could mix. */
const OLD_KEYS = ["ssid", "password"] as const;

/** Only what has just worked is kept: until then a restart finds the old network, and so does a failure. */
export function changeNetwork(
  { wifiSetup, store }: { readonly wifiSetup: WifiSetup; readonly store: KeyValueStore },
  credentials: WifiCredentials,
  done: (result: JoinResult) => void,
): void {
  wifiSetup.join(credentials, JOIN_TRIAL_MS, (result) => {
    if (result.kind === "joined") keepCredentials(store, credentials);
    done(result);
  });
}

function keepCredentials(store: KeyValueStore, credentials: WifiCredentials): void {
  store.write(NVS_KEYS.wifi, encodeWifiCredentials(credentials));
  // Behind the write, which wins over them: an old password is nobody's any more.
  for (const key of OLD_KEYS) if (store.read(key) !== undefined) store.delete(key);
}
