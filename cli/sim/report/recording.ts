import type { Scenario } from "../../../host-sim/scenario.ts";
import { type RunTimeline, Timeline } from "../../../host-sim/timeline.ts";
import { type Played, type PlayOptions, type Props, playScenario } from "../play-scenario.ts";
import type { RunResult } from "../run/run-scenario.ts";
import type { RunPicture, RunReport } from "./run-report.ts";

export interface Recorded {
  readonly played: Played;
  readonly timeline: RunTimeline;
}

/** Plays a story once and records it; the trace is the same as unrecorded. */
export async function recordScenario(
  scenario: Scenario,
  props: Props,
  options: PlayOptions,
): Promise<Recorded> {
  const timeline = new Timeline();
  const followed: Scenario = {
    ...scenario,
    play: (stage, cast) => {
      timeline.follow(stage);
      return scenario.play(stage, cast);
    },
  };
  const watchTrace = (line: string): void => {
    timeline.see(line);
    options.watchTrace?.(line);
  };
  const played = await playScenario(followed, props, { ...options, watchTrace });
  return { played, timeline: timeline.report(played.plan) };
}

/** What a report shows of many failures: who mends the first ten starts anew. */
const PICTURES_MAX = 10;

/**
 * Runs of one story, and what is to be seen of those that broke, or of the first: each is played again, with the
 * fewest faults it breaks with, or with the `plan` that all of them were given.
 */
export async function reportRuns(
  results: readonly RunResult[],
  scenario: Scenario,
  props: Props,
  { engine, plan }: Pick<PlayOptions, "engine" | "plan">,
): Promise<RunReport> {
  const broken = results.filter(({ ok }) => !ok).slice(0, PICTURES_MAX);
  const pictures: RunPicture[] = [];
  for (const result of broken.length > 0 ? broken : results.slice(0, 1)) {
    const fewest = result.plan ?? plan;
    const again = { seed: result.seed, engine, ...(fewest === undefined ? {} : { plan: fewest }) };
    const { played, timeline } = await recordScenario(scenario, props, again);
    const traceHash = played.stage.world.trace.hash();
    pictures.push({ result, plan: played.plan, given: fewest, traceHash, timeline });
  }
  return { results, pictures };
}
