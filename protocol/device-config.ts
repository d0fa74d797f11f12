/**
 * What an operator may change in a feeder while it runs: the one definition of each setting, its bounds and its default. The
 * server, the command and the feeder itself check by it; the schema and the page of docs/ are made of it.
 */
import { CHANNELS } from "./update-manifest.ts";

interface Described {
  readonly unit?: Unit;
  readonly description: string;
  /** The firmware that obeys it first. */
  readonly since: string;
}

type Unit = "g" | "ms" | "s" | "mV" | "%";

export type Setting = Described &
  (
    | (IntegerBounds & { readonly type: "integer" } & ({ readonly default: number } | Without))
    | (IntegerBounds & {
        readonly type: "integers";
        readonly itemsMax: number;
        readonly default: readonly number[];
      })
    | ({ readonly type: "choice"; readonly choices: readonly string[] } & Without)
    /** Of the UTC day, "22:00-04:30", or "any". */
    | ({ readonly type: "window" } & Without)
  );

/** What holds where nothing is set and there is no one default. */
interface Without {
  readonly without: string;
}

export interface IntegerBounds {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export const DEVICE_SETTINGS = {
  visitWeightGrams: {
    type: "integer",
    min: 10,
    max: 1_000,
    step: 1,
    default: 80,
    unit: "g",
    // A great tit weighs 18 g but the perch doubles what lands on it.
    description: "What the scale takes for a bird; below, the load cell sees wind and rain.",
    since: "0.1.0",
  },
  presenceSettleMs: {
    type: "integer",
    min: 100,
    max: 5_000,
    step: 50,
    default: 500,
    unit: "ms",
    // A PIR's comparator chatters for some 100 ms at an edge.
    description: "How long the PIR or the scale must see somebody until it is a visit.",
    since: "0.1.0",
  },
  visitCoolDownSeconds: {
    type: "integer",
    min: 1,
    max: 3_600,
    step: 1,
    default: 10,
    unit: "s",
    description: "From one visit to the next: one bird that hops about is one visit.",
    since: "0.1.0",
  },
  departureSeconds: {
    type: "integer",
    min: 1,
    max: 60,
    step: 1,
    default: 2,
    unit: "s",
    description:
      "Unseen for so long the bird has left; one that turns its tail to the PIR has not.",
    since: "0.1.0",
  },
  stillEverySeconds: {
    type: "integer",
    min: 5,
    max: 600,
    step: 1,
    default: 15,
    unit: "s",
    description: "One still every so long while the bird stays.",
    since: "0.1.0",
  },
  // The table of a camera's offers and the feeder's memory of captures are made for ten.
  stillsPerVisit: {
    type: "integer",
    min: 1,
    max: 10,
    step: 1,
    default: 10,
    description: "So many stills of a visit at most.",
    since: "0.1.0",
  },
  // 5 s are some 0.8 MB, what the camera's memory and Wi-Fi carry well; it has memory for 8 s.
  clipSeconds: {
    type: "integer",
    min: 0,
    max: 8,
    step: 1,
    default: 5,
    unit: "s",
    description: "How long the clip of a visit is; 0: none is made.",
    since: "0.1.0",
  },
  // Levels of the camera's encoder, which has 9 as well: "large files without a significant improvement", says its maker,
  // and the camera has room for stills of 96 KB.
  jpegQuality: {
    type: "integer",
    min: 1,
    max: 8,
    step: 1,
    default: 5,
    description:
      "How much of what it sees the camera keeps in its stills and clips, 1 the least; less is also faster to send.",
    since: "0.1.0",
  },
  uploadRetrySeconds: {
    type: "integers",
    min: 10,
    max: 86_400,
    step: 1,
    itemsMax: 6,
    unit: "s",
    default: [60, 300, 900],
    description:
      "Waits before the 2nd, 3rd ... attempt to upload a photo, each from the start of the one before; then it is parked.",
    since: "0.1.0",
  },
  parkedRetrySeconds: {
    type: "integer",
    min: 600,
    max: 86_400,
    step: 1,
    default: 3_600,
    unit: "s",
    description: "A parked photo is tried so often, beside every success and every reconnect.",
    since: "0.1.0",
  },
  heartbeatSeconds: {
    type: "integer",
    min: 10,
    max: 900,
    step: 1,
    default: 60,
    unit: "s",
    description: "From one heartbeat to the next.",
    since: "0.1.0",
  },
  // A weak Wi-Fi with retransmissions takes some seconds for TLS: less, once confirmed, would shut a feeder out for ever.
  connectTimeoutSeconds: {
    type: "integer",
    min: 10,
    max: 120,
    step: 1,
    default: 15,
    unit: "s",
    description: "The server has so long to answer discovery, and then to open the session.",
    since: "0.1.0",
  },
  sessionTransport: {
    type: "choice",
    choices: ["relay", "mqtt"],
    without: "as the feeder was provisioned",
    description:
      "How the session goes to the server; without a broker that answers it is the relay all the same.",
    since: "0.1.0",
  },
  updateChannel: {
    type: "choice",
    choices: CHANNELS,
    without: "as the feeder was provisioned",
    description: "Releases of this channel are taken.",
    since: "0.1.0",
  },
  updateWindow: {
    type: "window",
    without: "as the feeder was provisioned",
    description: 'When an update may be installed, in UTC: "22:00-04:30", or "any".',
    since: "0.1.0",
  },
  updateCheckSeconds: {
    type: "integer",
    min: 60,
    max: 86_400,
    step: 1,
    unit: "s",
    without: "as the server says",
    description: "From one question for updates to the next.",
    since: "0.1.0",
  },
  ledBrightnessPercent: {
    type: "integer",
    min: 0,
    max: 100,
    step: 1,
    default: 100,
    unit: "%",
    description:
      "Of the LED while it connects, is online and uploads; 0: dark. Safe mode and a missing network are always shown.",
    since: "0.1.0",
  },
  // A cell at 3.6 V holds a third of its charge; below 3.3 V a Wi-Fi burst may brown the board out.
  updateBatteryMv: {
    type: "integer",
    min: 3_300,
    max: 4_200,
    step: 10,
    default: 3_600,
    unit: "mV",
    description: "Below it no update is installed unless it is forced.",
    since: "0.1.0",
  },
} as const satisfies Readonly<Record<string, Setting>>;

type Table = typeof DEVICE_SETTINGS;
export type SettingName = keyof Table;

type ValueOf<Of> = Of extends { readonly type: "integer" }
  ? number
  : Of extends { readonly type: "integers" }
    ? readonly number[]
    : Of extends { readonly choices: readonly (infer Choice)[] }
      ? Choice
      : string;

/** What an operator has set, and no more. */
export type DeviceSettings = { readonly [Name in SettingName]?: ValueOf<Table[Name]> };

/** All of it, as the firmware reads it. */
export type DeviceConfig = {
  readonly [Name in SettingName]:
    | ValueOf<Table[Name]>
    | (Table[Name] extends { readonly default: unknown } ? never : undefined);
};

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(DEVICE_SETTINGS, name);
}

export function withDefaults(settings: DeviceSettings): DeviceConfig {
  const config: Record<string, unknown> = {};
  for (const name of Object.keys(DEVICE_SETTINGS) as SettingName[]) {
    const setting: Setting = DEVICE_SETTINGS[name];
    config[name] = settings[name] ?? ("default" in setting ? setting.default : undefined);
  }
  return config as DeviceConfig;
}
