import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../host-sim/durations.ts";
import {
  type FeederRow,
  heardShare,
  type PilotReport,
  uploadShare,
  WHAT_IT_IS,
} from "./pilot-report.ts";

export interface Column {
  readonly title: string;
  readonly of: (row: FeederRow) => string;
}

/** What a person reads of a feeder, on a terminal and on a page. */
export const COLUMNS: readonly Column[] = [
  { title: "feeder", of: ({ deviceId }) => deviceId },
  { title: "visits", of: ({ visits }) => String(visits) },
  { title: "heard", of: (row) => percent(heardShare(row)) },
  {
    title: "replayed",
    of: ({ heartbeat: { afterReplay, minutes } }) => percent(afterReplay / minutes),
  },
  { title: "stills", of: ({ stills }) => `${stills.inGallery}/${stills.handed}` },
  { title: "uploaded", of: (row) => percent(uploadShare(row)) },
  { title: "kept", of: ({ stills }) => `${stills.kept}/${stills.acknowledged}` },
  { title: "by hand", of: ({ interventions }) => String(interventions.length) },
  { title: "boots", of: ({ boots }) => String(boots) },
  { title: "rejoined", of: ({ relay }) => String(relay.reconnects) },
  { title: "late/twice", of: ({ relay }) => `${relay.eventsLate}/${relay.eventsTwice}` },
  {
    title: "mAh/day",
    of: ({ energy }) => (energy.feederMAhADay + energy.cameraMAhADay).toFixed(0),
  },
  { title: "mAh/visit", of: ({ energy }) => energy.cameraMAhAVisit.toFixed(2) },
  {
    title: "settings",
    of: ({ settings: { status, tookMinutes } }) =>
      tookMinutes === undefined ? status : `in ${tookMinutes} min`,
  },
  {
    title: "update",
    of: ({ update: { version, status, tookMinutes } }) =>
      tookMinutes === undefined ? `${version} ${status}` : `${version} in ${tookMinutes} min`,
  },
];

export function pilotText(report: PilotReport): string {
  const { latency, feeders } = report;
  const titles = COLUMNS.map(({ title }) => title);
  const rows = feeders.map((row) => COLUMNS.map(({ of }) => of(row)));
  return [
    headline(report),
    "",
    ...aligned([titles, ...rows]),
    "",
    `visit to photo in the gallery: ${latencyLine(report)}`,
    latency.buckets.map(({ upTo, count }) => `${upTo}: ${count}`).join("  "),
    `faults: ${faultLine(report)}`,
    "",
    ...missedLines(report),
    "",
    WHAT_IT_IS,
    `trace ${report.traceHash}, ${(report.wallMs / SECOND_MS).toFixed(1)} s`,
  ].join("\n");
}

export function headline({ feeders, days, visitsADay, seed }: PilotReport): string {
  const who = `${feeders.length} feeders, ${days} days, some ${visitsADay} visits a day each`;
  return `Simulated pilot: ${who}, seed ${seed}`;
}

export function latencyLine({
  feeders,
  latency: { count, p50Ms, p90Ms, p99Ms, maxMs },
}: PilotReport): string {
  const visits = feeders.reduce((total, row) => total + row.visits, 0);
  const named = { p50: p50Ms, p90: p90Ms, p99: p99Ms, max: maxMs };
  const parts = Object.entries(named).map(([name, ms]) => `${name} ${spanText(ms)}`);
  return `${parts.join(", ")} (${count} of ${visits} visits)`;
}

export function faultLine({ faults }: PilotReport): string {
  const parts = Object.entries(faults).map(([kind, count]) => `${count} ${kind}`);
  return parts.length === 0 ? "none" : parts.join(", ");
}

function missedLines({ missed }: PilotReport): string[] {
  if (missed.length === 0) return ["Every target is met."];
  return missed.map(({ target, where, what }) => `MISSED ${target}: ${where}: ${what}`);
}

/** Never rounded up to a whole that it is not. */
export function percent(share: number): string {
  return `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}

function spanText(ms: number): string {
  if (ms < MINUTE_MS) return `${(ms / SECOND_MS).toFixed(1)} s`;
  if (ms < HOUR_MS) return `${(ms / MINUTE_MS).toFixed(1)} min`;
  return ms < 2 * DAY_MS ? `${(ms / HOUR_MS).toFixed(1)} h` : `${(ms / DAY_MS).toFixed(1)} days`;
}

/** Numbers to the right; the first and the last column are words. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const last = COLUMNS.length - 1;
  const widths = COLUMNS.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => {
        const width = widths[at] ?? 0;
        if (at === last) return cell;
        return at === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  "),
  );
}
