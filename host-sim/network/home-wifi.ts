export interface WifiCredentials {
  readonly ssid: string;
  readonly passphrase: string;
}

/** The network of the garden where everything simulated stands. */
export const HOME_WIFI: WifiCredentials = { ssid: "garden", passphrase: "eight-or-more" };
