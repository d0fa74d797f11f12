import type { EnergyReport } from "../../../host-sim/board/energy-meter.ts";
import type { BoardTimeline, Mark } from "../../../host-sim/timeline/board-timeline.ts";
import type { Exchange } from "../../../host-sim/timeline/exchange-log.ts";
import type { Beginning } from "../../../host-sim/timeline/first-of.ts";
import type { Span } from "../../../host-sim/timeline/lane.ts";
import type { RunTimeline } from "../../../host-sim/timeline.ts";
import { type Markup, markup } from "./markup.ts";
import { durationText, momentText } from "./time-axis.ts";

type Row = readonly (string | number | Markup)[];

/** What the lanes show, for who cannot see them, and to the millisecond. */
export function boardTables(board: BoardTimeline, { faults }: RunTimeline): Markup {
  const { deviceId, energy, link, flash } = board;
  const faultRows = faults
    .filter((fault) => (fault.deviceId ?? deviceId) === deviceId)
    .map(({ kind, details, fromMs, toMs }) => [
      momentText(fromMs),
      durationText(toMs - fromMs),
      `${kind} ${details}`,
    ]);
  const frames = link.kinds.map(({ kind, sent, heard }) => [kind, sent, heard]);
  const wear = flash.partitions.map(({ partition, erases, programs }) => [
    partition,
    erases,
    programs,
  ]);
  return markup`<details><summary>${deviceId} in tables</summary>
<div class="tables">
${[
  table("Feeder's energy", ["phase", "time", "mAh"], energyRows(energy.feeder)),
  table("Camera's energy", ["phase", "time", "mAh"], energyRows(energy.camera)),
  table("Link frames", ["kind", "sent", "heard"], frames),
  table("Flash", ["partition", "erases", "programs"], wear),
  table("Faults", ["at", "for", "what"], faultRows),
  table("Events", ["at", "what"], markRows(board.marks)),
  table("Taken by the camera", ["at", "what"], markRows(board.taken)),
  table("Feeder", ["at", "for", "state"], spanRows(board.states)),
  table("Wi-Fi", ["at", "for", "state"], spanRows(board.wifi)),
  table("Session", ["at", "for", "state"], spanRows(board.session)),
  table("Camera", ["at", "for", "phase"], spanRows(board.camera)),
  table("HTTP", ["at", "request", "bytes", "answer"], exchangeRows(board.exchanges)),
]}</div></details>
`;
}

export function table(caption: string, heads: readonly string[], rows: readonly Row[]): Markup {
  if (rows.length === 0) return markup``;
  const head = heads.map((name) => markup`<th scope="col">${name}</th>`);
  const body = rows.map(
    (row) => markup`<tr>${row.map((cell) => markup`<td>${cell}</td>`)}</tr>
`,
  );
  return markup`<table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>
${body}</tbody></table>
`;
}

function energyRows({ phases, mAh }: EnergyReport): Row[] {
  const rows = phases.map((spent) => [
    spent.phase,
    durationText(spent.seconds * 1000),
    spent.mAh.toFixed(4),
  ]);
  return [...rows, ["all", "", mAh.toFixed(4)]];
}

function spanRows(spans: readonly Span[]): Row[] {
  return spans.map(({ state, fromMs, toMs }) => [
    momentText(fromMs),
    durationText(toMs - fromMs),
    state,
  ]);
}

function markRows({ kept, left }: Beginning<Mark>): Row[] {
  return [...kept.map(({ atMs, what }) => [momentText(atMs), what]), ...more(left)];
}

function exchangeRows({ kept, left }: Beginning<Exchange>): Row[] {
  const rows = kept.map(({ fromMs, request, sentBytes, answer }) => [
    momentText(fromMs),
    request,
    sentBytes,
    answer === undefined
      ? "none"
      : `${answer.status}, ${answer.bytes ?? "unknown"} bytes, after ${durationText(answer.atMs - fromMs)}`,
  ]);
  return [...rows, ...more(left)];
}

function more(left: number): Row[] {
  return left === 0 ? [] : [["", `and ${left} more`]];
}
