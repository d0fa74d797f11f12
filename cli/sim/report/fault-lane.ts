import type { FaultSpan } from "../../../host-sim/timeline/fault-spans.ts";
import { type Markup, markup } from "./markup.ts";
import { momentText, percentOf } from "./time-axis.ts";

const ROW_PX = 18;
/** The lanes are never narrower than some 56rem, less the names: labels that fit there always fit. */
const NARROWEST_PX = 760;
const CHARACTER_PX = 7;
const MOMENT_PX = 2;

/** A fault with its label, as far as both reach. */
interface Placed {
  readonly fault: FaultSpan;
  readonly label: string;
  readonly anchor: "start" | "end";
  readonly fromMs: number;
  readonly toMs: number;
}

/** What goes wrong, each with its name; those at the same time one below the other. */
export function faultLane(faults: readonly FaultSpan[], lengthMs: number): Markup {
  const rows = rowsOf(faults.map((fault) => place(fault, lengthMs)));
  const shapes = rows.flatMap((row, at) => row.map((placed) => draw(placed, at, lengthMs)));
  const height = Math.max(1, rows.length) * ROW_PX;
  return markup`<svg class="faults" role="img" aria-label="Faults" height="${height}">${shapes}</svg>`;
}

function place(fault: FaultSpan, lengthMs: number): Placed {
  const { kind, deviceId, fromMs, toMs } = fault;
  const label = deviceId === undefined ? `${kind} (all)` : kind;
  const labelMs = ((label.length * CHARACTER_PX + 8) / NARROWEST_PX) * lengthMs;
  return fromMs + labelMs <= lengthMs
    ? { fault, label, anchor: "start", fromMs, toMs: Math.max(toMs, fromMs + labelMs) }
    : { fault, label, anchor: "end", fromMs: Math.min(fromMs, toMs - labelMs), toMs };
}

function rowsOf(placed: readonly Placed[]): Placed[][] {
  const rows: Placed[][] = [];
  for (const one of [...placed].sort((a, b) => a.fromMs - b.fromMs)) {
    const free = rows.find((row) => (row.at(-1)?.toMs ?? 0) <= one.fromMs);
    if (free === undefined) rows.push([one]);
    else free.push(one);
  }
  return rows;
}

function draw({ fault, label, anchor }: Placed, row: number, lengthMs: number): Markup {
  const { fromMs, toMs } = fault;
  const y = row * ROW_PX;
  const x = percentOf(fromMs, lengthMs);
  const width = toMs === fromMs ? String(MOMENT_PX) : percentOf(toMs - fromMs, lengthMs);
  const textX = anchor === "start" ? x : percentOf(toMs, lengthMs);
  return markup`<g><title>${faultText(fault)}</title><rect class="fault" x="${x}" y="${y + 1}" width="${width}" height="${ROW_PX - 2}"/><text class="${anchor}" x="${textX}" dx="${anchor === "start" ? 4 : -4}" y="${y + 13}">${label}</text></g>`;
}

export function faultText({ kind, details, deviceId, fromMs, toMs }: FaultSpan): string {
  const whom = deviceId ?? "all";
  const until = toMs === fromMs ? "" : ` to ${momentText(toMs)}`;
  const how = details === "" ? "" : ` (${details})`;
  return `${kind}${how}, ${whom}, ${momentText(fromMs)}${until}`;
}
