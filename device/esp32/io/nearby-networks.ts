import { isSsid } from "../../../protocol/wifi-credentials.ts";
import { NEARBY_NETWORKS_MAX } from "../limits.ts";
import type { NearbyNetwork } from "../ports.ts";

/** Into a list that stays sorted, the strongest first: a network of several stations is heard several times. */
export function addNearby(networks: NearbyNetwork[], heard: NearbyNetwork): void {
  // A hidden network says no name.
  if (!isSsid(heard.ssid)) return;
  const known = networks.findIndex(({ ssid }) => ssid === heard.ssid);
  if (known >= 0 && (networks[known]?.rssiDbm ?? 0) >= heard.rssiDbm) return;
  if (known >= 0) networks.splice(known, 1);
  const weaker = networks.findIndex(({ rssiDbm }) => rssiDbm < heard.rssiDbm);
  networks.splice(weaker < 0 ? networks.length : weaker, 0, heard);
  if (networks.length > NEARBY_NETWORKS_MAX) networks.pop();
}
