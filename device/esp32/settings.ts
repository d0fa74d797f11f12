/** What differs from one site to the next. Provisioning writes it; io/stored-settings.ts reads it. */
export interface Settings {
  readonly deviceId: string;
  /** Where discovery is asked, for example "http://192.168.1.10:8080". */
  readonly serverUrl: string;
  readonly firmwareVersion: string;
}
