import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../host-sim/durations.ts";
import { galleryOf, storedSha256 } from "../../../host-sim/gallery.ts";
import { auditHealth, lastHeartbeat } from "../../../host-sim/invariants/feeder-health.ts";
import { STARTED_AT_MS, type Stage } from "../../../host-sim/stage.ts";
import type { StagedFeeder } from "../../../host-sim/staged-feeder.ts";
import type { Heard } from "../../../host-sim/staged-server.ts";
import type { ConfigReport } from "../../../protocol/config-messages.ts";
import type {
  CapturePayload,
  HeartbeatPayload,
  PhotoPayload,
} from "../../../protocol/room-messages.ts";
import type { UpdateEventPayload } from "../../../protocol/update-messages.ts";
import type { FeederRow } from "./pilot-report.ts";
import type { PilotWatch } from "./pilot-watch.ts";

/** An event that was heard so long after it happened waited for a connection. */
const LATE_MS = 10 * SECOND_MS;
/** The feeder itself tries everything again after a day: what lasts longer waits for somebody. */
const SAFE_MODE_LONGEST_MS = 25 * HOUR_MS;

export interface PilotTimes {
  readonly forMs: number;
  readonly publishedAtMs: number;
  readonly configuredAtMs: number;
}

/** What came of one feeder; asked when everything has been well for some hours. */
export async function measureFeeder(
  stage: Stage,
  feeder: StagedFeeder,
  watch: PilotWatch,
  { forMs, publishedAtMs, configuredAtMs }: PilotTimes,
): Promise<FeederRow> {
  const { deviceId } = feeder;
  const heard = stage.server.heard.filter(({ message }) => message.deviceId === deviceId);
  return {
    deviceId,
    visits: feeder.visits.length,
    boots: stage.boots.filter((boot) => boot.deviceId === deviceId).length,
    heartbeat: countHeartbeats(heard, forMs),
    stills: await countStills(stage, feeder, heard),
    interventions: interventionsFor(stage, feeder, heard),
    energy: spentBy(feeder, stage.world.nowMs / DAY_MS),
    relay: {
      reconnects: (watch.joins.get(deviceId) ?? 1) - 1,
      eventsLate: heard.filter(isLate).length,
      eventsTwice: countTwice(heard),
    },
    update: updateOf(stage, deviceId, heard, publishedAtMs),
    settings: settingsOf(stage, deviceId, heard, configuredAtMs),
  };
}

function countHeartbeats(heard: readonly Heard[], forMs: number): FeederRow["heartbeat"] {
  const beats = heard.filter(({ message }) => message.type === "event.heartbeat");
  return {
    minutes: Math.round(forMs / MINUTE_MS),
    heard: minutesIn(
      beats.map(({ atMs }) => atMs),
      forMs,
    ),
    afterReplay: minutesIn(beats.map(sentAtMs), forMs),
  };
}

function minutesIn(timesMs: readonly number[], forMs: number): number {
  const inside = timesMs.filter((atMs) => atMs >= 0 && atMs < forMs);
  return new Set(inside.map((atMs) => Math.floor(atMs / MINUTE_MS))).size;
}

function sentAtMs({ message }: Heard): number {
  return Number(message.ts) - STARTED_AT_MS;
}

async function countStills(
  stage: Stage,
  { deviceId, stills }: StagedFeeder,
  heard: readonly Heard[],
): Promise<FeederRow["stills"]> {
  const entries = (await galleryOf(stage.server, deviceId)).filter(({ kind }) => kind === "photos");
  // A capture that nobody heard of is known by its photo.
  const handed = new Set(entries.map(({ id }) => id));
  for (const { message } of heard) {
    const { ok, kind, captureId } = message.payload as CapturePayload;
    if (message.type === "event.capture" && ok && kind === undefined) handed.add(captureId);
  }
  const taken = new Set(stills);
  const acknowledged = new Set(
    stage.acknowledged.map(({ sha256 }) => sha256).filter((sha256) => taken.has(sha256)),
  );
  let kept = 0;
  for (const { key, sha256 } of entries) {
    if (acknowledged.has(sha256) && (await storedSha256(stage.server, key)) === sha256) kept++;
  }
  const inGallery = new Set(entries.map(({ id }) => id)).size;
  return {
    taken: taken.size,
    handed: handed.size,
    inGallery,
    acknowledged: acknowledged.size,
    kept,
  };
}

/**
 * What is wrong hours after the last fault does not mend itself; nor does safe mode that outlasts the
 * feeder's own try.
 */
function interventionsFor(stage: Stage, feeder: StagedFeeder, heard: readonly Heard[]): string[] {
  const unwell = auditHealth(stage, feeder);
  const long =
    longestSafeModeMs(heard) > SAFE_MODE_LONGEST_MS ? "safe mode for over a day" : undefined;
  return [unwell, long].filter((why) => why !== undefined);
}

function longestSafeModeMs(heard: readonly Heard[]): number {
  let longestMs = 0;
  let sinceMs: number | undefined;
  for (const { atMs, message } of heard) {
    if (message.type !== "event.heartbeat") continue;
    const { safeMode } = message.payload as HeartbeatPayload;
    sinceMs = safeMode === undefined ? undefined : (sinceMs ?? atMs);
    if (sinceMs !== undefined) longestMs = Math.max(longestMs, atMs - sinceMs);
  }
  return longestMs;
}

function spentBy(feeder: StagedFeeder, days: number): FeederRow["energy"] {
  const { feeder: board, camera } = feeder.energy();
  return {
    feederMAhADay: board.mAh / days,
    cameraMAhADay: camera.mAh / days,
    cameraMAhAVisit: camera.awakeMAh / Math.max(1, feeder.visits.length),
  };
}

function isLate(event: Heard): boolean {
  return typeof event.message.seq === "number" && event.atMs - sentAtMs(event) > LATE_MS;
}

function countTwice(heard: readonly Heard[]): number {
  const numbered = heard.filter(({ message }) => typeof message.seq === "number");
  const names = new Set(numbered.map(({ message: { bootId, seq } }) => `${bootId}/${seq}`));
  return numbered.length - names.size;
}

function updateOf(
  stage: Stage,
  deviceId: string,
  heard: readonly Heard[],
  publishedAtMs: number,
): FeederRow["update"] {
  const told = heard.filter(({ message }) => message.type === "event.ota");
  const status = (told.at(-1)?.message.payload as UpdateEventPayload | undefined)?.status;
  const version = lastHeartbeat(stage, deviceId)?.payload.version ?? "unknown";
  const confirmed = told.find(
    ({ message }) => (message.payload as UpdateEventPayload).status === "confirmed",
  );
  const outcome = { status: status ?? "none", version };
  if (confirmed === undefined) return outcome;
  return { ...outcome, tookMinutes: Math.round((confirmed.atMs - publishedAtMs) / MINUTE_MS) };
}

/** The event itself may have been lost with the power: then a heartbeat says it. */
function settingsOf(
  stage: Stage,
  deviceId: string,
  heard: readonly Heard[],
  configuredAtMs: number,
): FeederRow["settings"] {
  const { status, version } = lastHeartbeat(stage, deviceId)?.payload.config ?? {};
  const applied = heard.find(({ message: { type, payload } }) => {
    const isReport = type === "event.config" || type === "event.heartbeat";
    const report = type === "event.config" ? payload : (payload as HeartbeatPayload)?.config;
    return isReport && isApplied(report as ConfigReport | undefined);
  });
  if (version === 0 || applied === undefined) return { status: status ?? "none", obeyed: false };
  const tookMinutes = Math.round((applied.atMs - configuredAtMs) / MINUTE_MS);
  return { status: status ?? "none", obeyed: true, tookMinutes };
}

function isApplied(report: ConfigReport | undefined): boolean {
  return report?.status === "applied" && report.version > 0;
}

/** From each visit to its first photo in the gallery. */
export function measureLatencies(stage: Stage, { shots }: PilotWatch): number[] {
  const first = new Map<string, number>();
  for (const { atMs, message } of stage.server.heard) {
    if (message.type !== "event.photo") continue;
    const shot = shots.get((message.payload as PhotoPayload).sha256);
    const feeder = stage.feeders.find(({ deviceId }) => deviceId === shot?.deviceId);
    const cameAtMs = feeder?.visits.findLast((visitMs) => visitMs <= (shot?.atMs ?? 0));
    const visit = `${shot?.deviceId}/${cameAtMs}`;
    if (cameAtMs !== undefined && !first.has(visit)) first.set(visit, atMs - cameAtMs);
  }
  return [...first.values()];
}
