import type { BoardTimeline } from "../../../host-sim/timeline/board-timeline.ts";
import type { Exchange } from "../../../host-sim/timeline/exchange-log.ts";
import type { RunTimeline } from "../../../host-sim/timeline.ts";
import { faultLane } from "./fault-lane.ts";
import { LanePen } from "./lanes.ts";
import { type Markup, markup } from "./markup.ts";
import { boardTables } from "./tables.ts";
import { clockText, percentOf, ticksMs } from "./time-axis.ts";

const ZOOMS = [1, 4, 16, 64] as const;
/** Labels of the time axis that fit into the narrowest picture at each zoom. */
const TICKS_MOST = 12;
/** The highest current in the tables of both boards; the feeder's mean is far below its bursts. */
const FEEDER_MA_MOST = 120;
const CAMERA_MA_MOST = 250;
/** Behind them is what the camera does. */
const TAKEN_PART = 0.3;
const UPLOAD = /^(PUT |POST \/v1\/presign)/;

/** One feeder with its camera: its lanes, and the same in tables. */
export function boardSection(board: BoardTimeline, run: RunTimeline, id: string): Markup {
  const { deviceId, energy } = board;
  const mAh = `${energy.mAh.toFixed(2)} mAh: feeder ${energy.feeder.mAh.toFixed(2)}, camera ${energy.camera.mAh.toFixed(2)}`;
  return markup`<section class="board" id="${id}">
<div class="top"><h3>${deviceId}</h3><p>${mAh}</p>${zoomChoice(id)}</div>
<div class="lanes" tabindex="0" role="region" aria-label="Timeline of ${id}">
${lanes(board, run)}</div>
${boardTables(board, run)}</section>
`;
}

function zoomChoice(id: string): Markup {
  const choices = ZOOMS.map(
    (zoom) =>
      markup`<label><input type="radio" name="zoom-${id}" class="zoom-${zoom}"${zoom === 1 ? markup` checked` : ""}>${zoom}×</label>`,
  );
  return markup`<fieldset><legend>Zoom</legend>${choices}</fieldset>`;
}

function lanes(board: BoardTimeline, run: RunTimeline): Markup[] {
  const { lengthMs } = run;
  const pen = new LanePen(run);
  const faults = run.faults.filter(({ deviceId = board.deviceId }) => deviceId === board.deviceId);
  const exchanges = board.exchanges.kept;
  const lane = (name: string, shapes: readonly Markup[], about = name) =>
    row(name, pen.lane(about, shapes, faults));
  const { link, flash, charge } = board;
  return [
    row("Time", axis(lengthMs)),
    ...(faults.length === 0 ? [] : [row("Faults", faultLane(faults, lengthMs))]),
    lane("Events", pen.marks(board.marks.kept), "Visits, boots, resets"),
    lane("Feeder", pen.spans(board.states)),
    lane("Wi-Fi", pen.spans(board.wifi)),
    lane("Session", pen.spans(board.session)),
    lane("Camera", [...pen.spans(board.camera), ...pen.marks(board.taken.kept, TAKEN_PART)]),
    lane("Uploads", pen.exchanges(exchanges.filter(isUpload))),
    lane("Other HTTP", pen.exchanges(exchanges.filter((exchange) => !isUpload(exchange)))),
    lane(
      "Link frames",
      pen.counts(
        { name: "frames-sent", binned: link.sent },
        { name: "frames-heard", binned: link.heard },
      ),
      "Frames sent to the camera above, heard from it below",
    ),
    lane(
      "Flash",
      pen.counts(
        { name: "erases", binned: flash.erases },
        { name: "programs", binned: flash.programs },
      ),
      "Sectors erased above, pages programmed below",
    ),
    lane("Feeder mA", pen.current(charge.feeder, FEEDER_MA_MOST)),
    lane("Camera mA", pen.current(charge.camera, CAMERA_MA_MOST)),
  ];
}

function isUpload({ request }: Exchange): boolean {
  return UPLOAD.test(request);
}

function row(name: string, lane: Markup): Markup {
  return markup`<div class="lane"><span>${name}</span>${lane}</div>
`;
}

/** The finer labels show when it is zoomed so far that they have room. */
function axis(lengthMs: number): Markup {
  const shown = new Set<number>();
  const labels = ZOOMS.flatMap((zoom) =>
    ticksMs(lengthMs, TICKS_MOST * zoom).flatMap((atMs) => {
      if (shown.has(atMs)) return [];
      shown.add(atMs);
      const x = percentOf(atMs, lengthMs);
      return markup`<g class="tick-${zoom}"><rect class="tick" x="${x}" y="12" width="1" height="6"/><text x="${x}" y="10">${clockText(atMs)}</text></g>`;
    }),
  );
  return markup`<svg class="axis" role="img" aria-label="Hours and minutes of virtual time" height="18">${labels}</svg>`;
}
