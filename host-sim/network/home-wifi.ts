export interface WifiCredentials {
  readonly ssid: string;
  readonly passphrase: string;
}

/** One station of a network, as a radio hears it. */
export interface AccessPoint extends WifiCredentials {
  readonly rssiDbm: number;
  /** It lets everybody in and gives nobody an address. */
  readonly leasesNothing?: true;
}

/** The network of the garden where everything simulated stands. */
export const HOME_WIFI: WifiCredentials = { ssid: "garden", passphrase: "eight-or-more" };

/** How the home network is heard in the garden, and by how much its second station in the house is fainter. */
const HOME_RSSI_DBM = -58;
const HOUSE_RSSI_DBM = -79;

/** Of other people; a hidden one among them. */
const NEIGHBOURS: readonly AccessPoint[] = [
  { ssid: "Nachbar ü", passphrase: "nobody-was-told", rssiDbm: -71 },
  { ssid: "orchard-guest", passphrase: "", rssiDbm: -75, leasesNothing: true },
  { ssid: "", passphrase: "nobody-was-told", rssiDbm: -66 },
];

/** What is heard in the garden; without the home network where that is out of reach. */
export function heardInGarden(home: WifiCredentials, homeInReach: boolean): readonly AccessPoint[] {
  if (!homeInReach) return NEIGHBOURS;
  const stations = [HOUSE_RSSI_DBM, HOME_RSSI_DBM].map((rssiDbm) => ({ ...home, rssiDbm }));
  return [...stations, ...NEIGHBOURS];
}
