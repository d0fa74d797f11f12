import { type FeederRow, heardShare, uploadShare } from "./pilot-report.ts";

/** Names are stable: a spreadsheet is built on them. */
const CELLS: readonly (readonly [string, (row: FeederRow) => string | number])[] = [
  ["device", ({ deviceId }) => deviceId],
  ["visits", ({ visits }) => visits],
  ["boots", ({ boots }) => boots],
  ["minutes", ({ heartbeat }) => heartbeat.minutes],
  ["minutes_heard", ({ heartbeat }) => heartbeat.heard],
  ["minutes_after_replay", ({ heartbeat }) => heartbeat.afterReplay],
  ["heard_share", heardShare],
  ["stills_taken", ({ stills }) => stills.taken],
  ["stills_handed", ({ stills }) => stills.handed],
  ["stills_in_gallery", ({ stills }) => stills.inGallery],
  ["upload_share", uploadShare],
  ["stills_acknowledged", ({ stills }) => stills.acknowledged],
  ["stills_kept", ({ stills }) => stills.kept],
  ["interventions", ({ interventions }) => interventions.length],
  ["intervention_reasons", ({ interventions }) => interventions.join("; ")],
  ["feeder_mah_day", ({ energy }) => energy.feederMAhADay],
  ["camera_mah_day", ({ energy }) => energy.cameraMAhADay],
  ["camera_mah_visit", ({ energy }) => energy.cameraMAhAVisit],
  ["reconnects", ({ relay }) => relay.reconnects],
  ["events_late", ({ relay }) => relay.eventsLate],
  ["events_twice", ({ relay }) => relay.eventsTwice],
  ["update_status", ({ update }) => update.status],
  ["version", ({ update }) => update.version],
  ["update_minutes", ({ update }) => update.tookMinutes ?? ""],
  ["settings_status", ({ settings }) => settings.status],
  ["settings_minutes", ({ settings }) => settings.tookMinutes ?? ""],
];

/** RFC 4180: one line a feeder under one of names. */
export function pilotCsv(rows: readonly FeederRow[]): string {
  const lines = [
    CELLS.map(([name]) => name),
    ...rows.map((row) => CELLS.map(([, cellOf]) => quoted(String(cellOf(row))))),
  ];
  return lines.map((cells) => `${cells.join(",")}\r\n`).join("");
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
