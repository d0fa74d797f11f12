import type { Latency } from "./latency.ts";

/** How one feeder did in the pilot. */
export interface FeederRow {
  readonly deviceId: string;
  readonly visits: number;
  readonly boots: number;
  /** Minutes of the pilot in which a heartbeat was heard, and in which one was sent that was heard sooner or later. */
  readonly heartbeat: {
    readonly minutes: number;
    readonly heard: number;
    readonly afterReplay: number;
  };
  readonly stills: {
    /** By the camera. */
    readonly taken: number;
    /** That reached the feeder. */
    readonly handed: number;
    readonly inGallery: number;
    readonly acknowledged: number;
    /** Of the acknowledged: in the gallery, byte for byte. */
    readonly kept: number;
  };
  /** What only a person could have mended. */
  readonly interventions: readonly string[];
  /** At 5 V. */
  readonly energy: {
    readonly feederMAhADay: number;
    readonly cameraMAhADay: number;
    /** Awake. */
    readonly cameraMAhAVisit: number;
  };
  readonly relay: {
    readonly reconnects: number;
    readonly eventsLate: number;
    readonly eventsTwice: number;
  };
  readonly update: {
    readonly status: string;
    readonly version: string;
    readonly tookMinutes?: number;
  };
  /** What became of the settings that were changed on the way. */
  readonly settings: {
    readonly status: string;
    readonly obeyed: boolean;
    readonly tookMinutes?: number;
  };
}

export interface PilotReport {
  readonly seed: number;
  readonly days: number;
  readonly visitsADay: number;
  readonly updateTo: string;
  readonly feeders: readonly FeederRow[];
  /** From a visit to its first photo in the gallery. */
  readonly latency: Latency;
  /** How often each kind of fault came. */
  readonly faults: Readonly<Record<string, number>>;
  readonly missed: readonly Missed[];
  readonly traceHash: string;
  readonly events: number;
  readonly wallMs: number;
}

export interface Missed {
  readonly target: string;
  readonly where: string;
  readonly what: string;
}

const HEARTBEAT_LEAST = 0.95;
const UPLOAD_LEAST = 0.9;

export const TARGETS = [
  { name: "heartbeat", wanted: "in at least 95 % of the minutes" },
  { name: "upload", wanted: "at least 90 % of the stills a feeder got are in the gallery" },
  { name: "kept", wanted: "every acknowledged photo, byte for byte" },
  { name: "interventions", wanted: "none (the pilot's own target: at most 1 a week)" },
  { name: "update", wanted: "every feeder runs it" },
  { name: "settings", wanted: "every feeder obeys those that were changed on the way" },
] as const;

export function missedBy(feeders: readonly FeederRow[], updateTo: string): Missed[] {
  return feeders.flatMap((row) => {
    const { deviceId: where, heartbeat, stills, interventions, update, settings } = row;
    const missed: Missed[] = [];
    const miss = (target: (typeof TARGETS)[number]["name"], what: string): void => {
      missed.push({ target, where, what });
    };
    if (heardShare(row) < HEARTBEAT_LEAST) {
      miss("heartbeat", `${heartbeat.heard} of ${heartbeat.minutes} minutes`);
    }
    if (uploadShare(row) < UPLOAD_LEAST) {
      miss("upload", `${stills.inGallery} of ${stills.handed} stills`);
    }
    if (stills.kept < stills.acknowledged) {
      miss("kept", `${stills.acknowledged - stills.kept} acknowledged photos are lost`);
    }
    for (const why of interventions) miss("interventions", why);
    if (update.version !== updateTo) {
      miss("update", `it runs ${update.version}: ${update.status}`);
    }
    if (!settings.obeyed) miss("settings", `they are ${settings.status}`);
    return missed;
  });
}

export function heardShare({ heartbeat: { heard, minutes } }: FeederRow): number {
  return heard / minutes;
}

/** A feeder that got no still has lost none. */
export function uploadShare({ stills: { handed, inGallery } }: FeederRow): number {
  return handed === 0 ? 1 : inGallery / handed;
}

/** Said wherever a person reads the report. */
export const WHAT_IT_IS =
  "No board took part. Feeders, cameras, birds, network and faults are simulated in virtual time from one seed; the " +
  "feeders run the firmware of this tree, the cameras the TypeScript twin of theirs, and the server is the real one in " +
  "this process. Currents are assumptions (docs/power.md).";
