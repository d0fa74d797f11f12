import type { DayIndexEntry } from "../../protocol/day-index.ts";
import { HOUR_MS } from "../durations.ts";
import { galleryOf, storedSha256 } from "../gallery.ts";
import type { Stage } from "../stage.ts";
import type { StagedFeeder } from "../staged-feeder.ts";

/** Three steps of two hours in one direction. */
const CLOCK_STEPS_MS = 6 * HOUR_MS;

/** What the gallery has of one feeder must be what its camera took, whole, once, and all that was acknowledged. */
export async function auditMedia(stage: Stage, feeder: StagedFeeder): Promise<string | undefined> {
  const entries = await galleryOf(stage.server, feeder.deviceId);
  return (
    foreignMedia(entries, feeder) ??
    storedTwice(entries) ??
    strangeTime(entries, stage) ??
    forgotten(entries, stage, feeder) ??
    neverStored(entries, stage, feeder) ??
    (await unreadable(entries, stage))
  );
}

function foreignMedia(entries: readonly DayIndexEntry[], feeder: StagedFeeder): string | undefined {
  const foreign = entries.find(({ kind, sha256 }) => {
    const taken = kind === "clips" ? feeder.clips : feeder.stills;
    return !taken.includes(sha256);
  });
  return foreign && `${foreign.key} is not what the camera took`;
}

function storedTwice(entries: readonly DayIndexEntry[]): string | undefined {
  const known = new Set<string>();
  const twice = entries.find(({ sha256 }) => known.size === known.add(sha256).size);
  return twice && `${twice.key} is stored twice`;
}

/** A capture is of this story's time, as far as a clock that was stepped may have it. */
function strangeTime(entries: readonly DayIndexEntry[], { world }: Stage): string | undefined {
  const strange = entries.find(({ ts }) => {
    const sinceStartMs = ts - world.startedAtMs;
    return sinceStartMs < -CLOCK_STEPS_MS || sinceStartMs > world.nowMs + CLOCK_STEPS_MS;
  });
  return strange && `${strange.key} is said to be of ${new Date(strange.ts).toISOString()}`;
}

function forgotten(
  entries: readonly DayIndexEntry[],
  { acknowledged }: Stage,
  { deviceId }: StagedFeeder,
): string | undefined {
  const kept = new Set(entries.map(({ sha256 }) => sha256));
  const lost = acknowledged.find((put) => put.deviceId === deviceId && !kept.has(put.sha256));
  return lost && `the photo acknowledged at ${lost.atMs} ms is lost`;
}

/** A still that the feeder told of ends in the gallery, or is given up for want of room, which it says. */
function neverStored(
  entries: readonly DayIndexEntry[],
  { server }: Stage,
  { deviceId }: StagedFeeder,
): string | undefined {
  const kept = new Set(entries.map(({ id }) => id));
  const dropped = new Set<string>();
  const owed: string[] = [];
  for (const { message } of server.heard) {
    if (message.deviceId !== deviceId) continue;
    const payload = message.payload as Record<string, unknown>;
    const captureId = String(payload.captureId);
    if (message.type === "event.upload_status" && payload.status === "dropped") {
      dropped.add(captureId);
    }
    const isStill = message.type === "event.capture" && payload.kind !== "clips";
    if (isStill && payload.ok === true) owed.push(captureId);
  }
  const lost = owed.find((captureId) => !kept.has(captureId) && !dropped.has(captureId));
  return lost && `the still ${lost} was taken and is nowhere`;
}

async function unreadable(
  entries: readonly DayIndexEntry[],
  { server }: Stage,
): Promise<string | undefined> {
  for (const { key, sha256 } of entries) {
    const found = await storedSha256(server, key);
    if (typeof found === "number") return `${key} is in the day index and answers ${found}`;
    if (found !== sha256) return `${key} is not the bytes of its day index`;
  }
  return undefined;
}
