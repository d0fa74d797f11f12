/** What differs from one site to the next. Provisioning writes it; io/stored-settings.ts reads it. */
export interface Settings {
  readonly deviceId: string;
  /** Where discovery is asked, for example "http://192.168.1.10:8080". */
  readonly serverUrl: string;
  readonly firmwareVersion: string;
  /** Undefined until somebody gave the feeder a network. */
  readonly wifi: WifiCredentials | undefined;
}

export interface WifiCredentials {
  readonly ssid: string;
  /** Empty for an open network. */
  readonly password: string;
}
