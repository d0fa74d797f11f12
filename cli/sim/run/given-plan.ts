import { HOUR_MS } from "../../../host-sim/durations.ts";
import { type Fault, type FaultPlan, parsePlan } from "../../../host-sim/faults/fault.ts";
import type { Scenario } from "../../../host-sim/scenario.ts";
import { parseJson } from "../../../protocol/json.ts";
import { EXIT } from "../../failure.ts";
import { done, failed, type Outcome } from "../../outcome.ts";
import { feedersOf } from "../play-scenario.ts";

/** A plan as it was given on the command line. */
export function readPlan(text: string): Outcome<FaultPlan> {
  const value = parseJson(text);
  if (value === undefined) return refused("the plan is not JSON");
  const parsed = parsePlan(value);
  return parsed.kind === "refused" ? refused(parsed.why) : done(parsed.plan);
}

/** The plan, for a story of which this is one seed. */
export function aimPlan(plan: FaultPlan, scenario: Scenario, seed: number): Outcome<FaultPlan> {
  const feeders = feedersOf(scenario, seed);
  const endMs = scenario.hours * HOUR_MS;
  for (const [at, fault] of plan.entries()) {
    const why = missOf(fault, feeders, endMs);
    if (why !== undefined) return refused(`${at}.${why}`);
  }
  return done(plan);
}

/** It would hit nothing, and everything would hold: the plan is of another story. */
function missOf(fault: Fault, feeders: number, endMs: number): string | undefined {
  if (fault.atMs >= endMs) return `atMs: the story is over at ${endMs}`;
  if (!("feeder" in fault) || fault.feeder < feeders) return undefined;
  return `feeder: the last of the story is ${feeders - 1}`;
}

function refused(why: string) {
  return failed("bad_plan", why, "the plan of a failure, as it was printed", EXIT.usage);
}
