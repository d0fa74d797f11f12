import { createHash } from "node:crypto";
import type { DayIndex, DayIndexEntry } from "../../protocol/day-index.ts";
import type { Stage } from "../stage.ts";
import type { StagedFeeder } from "../staged-feeder.ts";

/** What the gallery has of one feeder must be what its camera took, whole, once, and all that was acknowledged. */
export async function auditMedia(stage: Stage, feeder: StagedFeeder): Promise<string | undefined> {
  const entries = await indexOf(stage, feeder.deviceId);
  return (
    foreignMedia(entries, feeder) ??
    storedTwice(entries) ??
    forgotten(entries, stage, feeder) ??
    (await unreadable(entries, stage))
  );
}

/** Every entry of every day, as the page reads them. */
export async function indexOf({ server }: Stage, deviceId: string): Promise<DayIndexEntry[]> {
  const answer = await server.ask(`/v1/days/${deviceId}`);
  const { days } = (await answer.json()) as { days: readonly { readonly date: string }[] };
  const entries: DayIndexEntry[] = [];
  for (const { date } of days) {
    const index = await server.ask(`/v1/index/${deviceId}/${date}`);
    entries.push(...((await index.json()) as DayIndex).events);
  }
  return entries;
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

function forgotten(
  entries: readonly DayIndexEntry[],
  { acknowledged }: Stage,
  { deviceId }: StagedFeeder,
): string | undefined {
  const kept = new Set(entries.map(({ sha256 }) => sha256));
  const lost = acknowledged.find((put) => put.deviceId === deviceId && !kept.has(put.sha256));
  return lost && `the photo acknowledged at ${lost.atMs} ms is lost`;
}

async function unreadable(
  entries: readonly DayIndexEntry[],
  { server }: Stage,
): Promise<string | undefined> {
  for (const { key, sha256 } of entries) {
    const answer = await server.ask(`/v1/objects/${key}`);
    if (!answer.ok) return `${key} is in the day index and answers ${answer.status}`;
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const found = createHash("sha256").update(bytes).digest("hex");
    if (found !== sha256) return `${key} is not the bytes of its day index`;
  }
  return undefined;
}
