import type { Channel } from "../../protocol/update-manifest.ts";
import type { UpdateWindow } from "../../protocol/update-window.ts";
import type { WifiCredentials } from "../../protocol/wifi-credentials.ts";

/** What differs from one site to the next. Provisioning writes it; io/stored-settings.ts reads it. */
export interface Settings {
  readonly deviceId: string;
  /** Where discovery is asked, for example "http://192.168.1.10:8080". */
  readonly serverUrl: string;
  readonly firmwareVersion: string;
  /** What the image was built for; baked in. */
  readonly build: BuildTarget;
  readonly channel: Channel;
  /** When an update may be installed, in UTC; undefined: whenever the feeder is idle. */
  readonly updateWindow: UpdateWindow | undefined;
  /** Undefined until somebody gave the feeder a network. */
  readonly wifi: WifiCredentials | undefined;
  readonly sessionTransport: SessionTransport;
}

/** How the session goes to the server. */
export type SessionTransport = "relay" | "mqtt";

export interface BuildTarget {
  readonly product: string;
  readonly board: string;
  readonly chip: string;
}
