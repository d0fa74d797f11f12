import type { FaultPlan } from "./faults/fault.ts";
import type { Stage } from "./stage.ts";
import { BoardRecorder } from "./timeline/board-recorder.ts";
import type { BoardTimeline } from "./timeline/board-timeline.ts";
import { type FaultSpan, faultSpans } from "./timeline/fault-spans.ts";

/** What everybody did in one run, and what went wrong meanwhile. */
export interface RunTimeline {
  readonly startedAtMs: number;
  readonly lengthMs: number;
  readonly faults: readonly FaultSpan[];
  readonly boards: readonly BoardTimeline[];
}

type Seen = (atMs: number, what: string) => void;

/**
 * Records a run in bounded memory, without a trace of its own: no event, no line, no die. It is told of the trace from
 * the beginning and of the stage before anything has power.
 */
export class Timeline {
  readonly #seen = new Map<string, Seen>();
  readonly #recorders: BoardRecorder[] = [];
  #stage: Stage | undefined;

  follow(stage: Stage): void {
    this.#stage = stage;
    for (const feeder of stage.feeders) {
      const recorder = new BoardRecorder(stage.world, feeder);
      const { deviceId } = feeder;
      this.#recorders.push(recorder);
      this.#seen.set(deviceId, (atMs, what) => recorder.see("board", atMs, what));
      this.#seen.set(`camera/${deviceId}`, (atMs, what) => recorder.see("camera", atMs, what));
      this.#seen.set(`http/${deviceId}`, (atMs, what) => recorder.see("http", atMs, what));
    }
  }

  /** A line of the trace. */
  see(line: string): void {
    const whoAt = line.indexOf(" ") + 1;
    const whatAt = line.indexOf(" ", whoAt) + 1;
    const seen = this.#seen.get(line.slice(whoAt, whatAt - 1));
    seen?.(Number(line.slice(0, whoAt - 1)), line.slice(whatAt));
  }

  /** Of the run so far, with what was planned to go wrong. */
  report(plan: FaultPlan): RunTimeline {
    const stage = this.#stage;
    if (stage === undefined) throw new Error("a timeline of no stage");
    return {
      startedAtMs: stage.world.startedAtMs,
      lengthMs: stage.world.nowMs,
      faults: faultSpans(stage, plan),
      boards: this.#recorders.map((recorder) => recorder.timeline()),
    };
  }
}
