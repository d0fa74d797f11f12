import type { HeartbeatPayload } from "../../protocol/room-messages.ts";
import { MINUTE_MS } from "../durations.ts";
import type { Stage } from "../stage.ts";
import type { StagedFeeder } from "../staged-feeder.ts";

/** A feeder beats once a minute; two may be on their way. */
const HEARTBEAT_AGE_MAX_MS = 3 * MINUTE_MS;
const QUIET_MS = 30 * MINUTE_MS;
/** Of an update that has begun and must have come to an end by now. */
const ENDS: ReadonlySet<string> = new Set(["refused", "failed", "rolled_back"]);
const UNDER_WAY = new Set(["downloading", "restarting", "pending"]);

/** How a feeder must be when everything that was wrong has been over for long. */
export function auditHealth(stage: Stage, feeder: StagedFeeder): string | undefined {
  const { board, camera, deviceId } = feeder;
  if (board.bricked) return "nothing boots";
  if (camera.awake) return "the camera is still awake";
  const beat = lastHeartbeat(stage, deviceId);
  if (beat === undefined) return "it has never been heard";
  const ageMs = stage.world.nowMs - beat.atMs;
  if (ageMs > HEARTBEAT_AGE_MAX_MS)
    return `it has not been heard for ${Math.round(ageMs / 1000)} s`;
  const silentMs = longestSilenceMs(stage, deviceId);
  if (silentMs > HEARTBEAT_AGE_MAX_MS) {
    return `it was not heard for ${Math.round(silentMs / 1000)} s, long after the faults`;
  }
  const { queue, safeMode, update } = beat.payload;
  if (safeMode !== undefined) return `it is in safe mode: ${safeMode}`;
  if (queue.count > 0) return `${queue.count} photos are stuck in its queue`;
  if (UNDER_WAY.has(update)) return `its update is still ${update}`;
  const config = auditConfig(stage, deviceId, beat.payload);
  if (config !== undefined) return config;
  return wrongBoot(stage, feeder) ?? forgottenRelease(stage, deviceId, beat.payload.version);
}

/** What was set is obeyed, or the feeder has said why not. */
function auditConfig(
  { configured }: Stage,
  deviceId: string,
  { config: { status, latest } }: HeartbeatPayload,
): string | undefined {
  if (status === "trial") return "its settings are still on trial";
  if (status === "rejected") return "it rejects settings that the server took";
  return configured.has(deviceId) && latest === 0 ? "it knows nothing of its settings" : undefined;
}

/** What was published is what runs, unless the feeder has said why not. */
function forgottenRelease(
  { server, releases }: Stage,
  deviceId: string,
  running: string,
): string | undefined {
  const newest = releases.at(-1);
  if (newest === undefined || newest === running) return undefined;
  const hasSaidWhy = server.heard.some(({ message }) => {
    const { version, status } = (message.payload ?? {}) as Record<string, unknown>;
    const isVerdict = ENDS.has(String(status)) && version === newest;
    return message.type === "event.ota" && message.deviceId === deviceId && isVerdict;
  });
  return hasSaidWhy ? undefined : `it runs ${running} and says nothing of ${newest}`;
}

/** In the end of the story, when nothing is wrong any more. */
function longestSilenceMs({ world, server }: Stage, deviceId: string): number {
  const fromMs = world.nowMs - QUIET_MS;
  if (fromMs < 0) return 0;
  const beats = server.heard.filter(({ atMs, message }) => {
    const isOurs = message.type === "event.heartbeat" && message.deviceId === deviceId;
    return isOurs && atMs >= fromMs;
  });
  let longestMs = 0;
  let lastMs = fromMs;
  for (const { atMs } of beats) {
    longestMs = Math.max(longestMs, atMs - lastMs);
    lastMs = atMs;
  }
  return longestMs;
}

export function lastHeartbeat({ server }: Stage, deviceId: string) {
  const last = server.heard.findLast(
    ({ message }) => message.type === "event.heartbeat" && message.deviceId === deviceId,
  );
  return last && { atMs: last.atMs, payload: last.message.payload as HeartbeatPayload };
}

/** What a feeder has accepted it never goes below, and what it runs was published. */
function wrongBoot({ boots, versions }: Stage, { deviceId }: StagedFeeder): string | undefined {
  let floor = 0;
  for (const boot of boots) {
    if (boot.deviceId !== deviceId) continue;
    if (!versions.has(boot.version)) return `it ran ${boot.version}, which nobody published`;
    if (boot.sequenceFloor < floor) {
      return `its update sequence fell from ${floor} to ${boot.sequenceFloor}`;
    }
    floor = boot.sequenceFloor;
  }
  return undefined;
}
