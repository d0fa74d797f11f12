import type { Binned } from "../../../host-sim/timeline/binned-sum.ts";
import type { Mark } from "../../../host-sim/timeline/board-timeline.ts";
import type { Exchange } from "../../../host-sim/timeline/exchange-log.ts";
import type { FaultSpan } from "../../../host-sim/timeline/fault-spans.ts";
import type { Span } from "../../../host-sim/timeline/lane.ts";
import type { RunTimeline } from "../../../host-sim/timeline.ts";
import { type Markup, markup } from "./markup.ts";
import { clockText, durationText, LANE_UNITS, momentText, unitsOf } from "./time-axis.ts";

/** A lane is as high as this, in units of its own. */
const HIGH = 100;
const MIDDLE = HIGH / 2;
const NARROWEST_UNITS = 0.1;

/** Draws what happened over the time of one run; each shape says what it is when it is pointed at. */
export class LanePen {
  readonly #lengthMs: number;

  constructor({ lengthMs }: RunTimeline) {
    this.#lengthMs = lengthMs;
  }

  /** The frame of a lane; the faults lie over it, and let a pointer through. */
  lane(about: string, shapes: readonly Markup[], faults: readonly FaultSpan[]): Markup {
    return markup`<svg role="img" aria-label="${about}" viewBox="0 0 ${LANE_UNITS} ${HIGH}" preserveAspectRatio="none">${shapes}${faults.map((fault) => this.#shade(fault))}</svg>`;
  }

  spans(spans: readonly Span[]): Markup[] {
    return spans.map(({ state, fromMs, toMs }) => {
      const title = `${state}, ${momentText(fromMs)} for ${durationText(toMs - fromMs)}`;
      return this.#rect(state.replaceAll(" ", "-"), fromMs, toMs, title);
    });
  }

  /** Down to a part of the height, where there is something behind them. */
  marks(marks: readonly Mark[], part = 1): Markup[] {
    return marks.map(({ atMs, what }) => {
      const x = unitsOf(atMs, this.#lengthMs);
      const title = `${momentText(atMs)} ${what}`;
      return markup`<path class="mark ${markKind(what)}" d="M${x} 0V${part * HIGH}"><title>${title}</title></path>`;
    });
  }

  exchanges(exchanges: readonly Exchange[]): Markup[] {
    return exchanges.map((exchange) => {
      const { fromMs, answer } = exchange;
      const toMs = answer?.atMs ?? fromMs;
      return this.#rect(answerKind(exchange), fromMs, toMs, exchangeText(exchange));
    });
  }

  /** One above the middle, the other below. */
  counts(up: Named, down: Named): Markup[] {
    const most = Math.max(...up.binned.sums, ...down.binned.sums, 1);
    return [
      ...this.#bars(up, (count) => [MIDDLE - heightOf(count, most), heightOf(count, most)]),
      ...this.#bars(down, (count) => [MIDDLE, heightOf(count, most)]),
      markup`<path class="middle" d="M0 ${MIDDLE}H${LANE_UNITS}"/>`,
    ];
  }

  /** What flowed on average, up to `mostMA` at the top. */
  current({ binMs, sums }: Binned, mostMA: number): Markup[] {
    const end = unitsOf(Math.min(sums.length * binMs, this.#lengthMs), this.#lengthMs);
    const steps = sums.map((charge, bin) => {
      const binEndMs = Math.min((bin + 1) * binMs, this.#lengthMs);
      const mA = charge / Math.max(binEndMs - bin * binMs, 1);
      const y = Number((HIGH * (1 - mA / mostMA)).toFixed(1));
      return markup`H${unitsOf(bin * binMs, this.#lengthMs)}V${y}`;
    });
    return [
      markup`<path class="current" d="M0 ${HIGH}${steps}H${end}V${HIGH}Z"><title>mean current, ${mostMA} mA at the top</title></path>`,
    ];
  }

  #bars({ name, binned }: Named, place: (count: number) => readonly [number, number]): Markup[] {
    const { binMs, sums } = binned;
    return sums.flatMap((count, bin) => {
      if (count === 0) return [];
      const [y, height] = place(count);
      const fromMs = bin * binMs;
      const title = `${count} ${name}, ${clockText(fromMs)} for ${durationText(binMs)}`;
      const x = unitsOf(fromMs, this.#lengthMs);
      const width = Math.max(unitsOf(binMs, this.#lengthMs), NARROWEST_UNITS);
      return markup`<rect class="${name}" x="${x}" y="${y}" width="${width}" height="${height}"><title>${title}</title></rect>`;
    });
  }

  #shade({ fromMs, toMs }: FaultSpan): Markup {
    return markup`<rect class="fault" ${this.#place(fromMs, toMs)}/>`;
  }

  #rect(kind: string, fromMs: number, toMs: number, title: string): Markup {
    return markup`<rect class="${kind}" ${this.#place(fromMs, toMs)}><title>${title}</title></rect>`;
  }

  #place(fromMs: number, toMs: number): Markup {
    const x = unitsOf(fromMs, this.#lengthMs);
    // Without any width it would not be drawn at all, its outline neither.
    const width = Math.max(unitsOf(toMs - fromMs, this.#lengthMs), NARROWEST_UNITS);
    return markup`x="${x}" width="${width}" height="${HIGH}"`;
  }
}

export interface Named {
  /** Also the class of its bars. */
  readonly name: string;
  readonly binned: Binned;
}

/** By the square root: one flash operation is to be seen beside a thousand. */
function heightOf(count: number, most: number): number {
  return Number((MIDDLE * Math.sqrt(count / most)).toFixed(1));
}

function markKind(what: string): string {
  if (what === "visit") return "visit";
  return /^(boot|still|clip)/.test(what) ? "calm" : "alarm";
}

function answerKind({ answer }: Exchange): string {
  if (answer === undefined) return "unanswered";
  return answer.status < 400 ? "answered" : "refused";
}

export function exchangeText({ fromMs, request, sentBytes, answer }: Exchange): string {
  const sent = sentBytes === 0 ? "" : `, ${sentBytes} bytes`;
  const came =
    answer === undefined
      ? "no answer"
      : `${answer.status} after ${durationText(answer.atMs - fromMs)}`;
  return `${momentText(fromMs)} ${request}${sent}: ${came}`;
}
