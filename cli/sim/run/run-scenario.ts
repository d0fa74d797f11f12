import type { Engine } from "../../../host-sim/engines/guest-port.ts";
import type { FaultPlan } from "../../../host-sim/faults/fault.ts";
import { minimise } from "../../../host-sim/minimise.ts";
import type { Scenario } from "../../../host-sim/scenario.ts";
import { type Played, type PlayOptions, type Props, playScenario } from "../play-scenario.ts";

/** How a run is named: what it takes to play it again. */
export interface RunName {
  readonly scenario: string;
  readonly engine: "node" | "xs";
  readonly seed: number;
}

export interface RunResult extends RunName {
  readonly ok: boolean;
  /** Of everything that happened, in order: the same run leaves the same. */
  readonly traceHash: string;
  readonly virtualSeconds: number;
  readonly wallMs: number;
  /** What the story said of itself. */
  readonly told: readonly string[];
  /** The first invariant that does not hold. */
  readonly broken?: string;
  /** The fewest faults with which it still does not. */
  readonly plan?: FaultPlan;
}

export interface RunOptions extends Pick<PlayOptions, "pace" | "plan" | "watchTrace"> {
  readonly seed: number;
  readonly engine: Engine;
  readonly engineName: RunName["engine"];
  readonly progress?: (line: string) => void;
}

/** Plays one story; a failure is played again with ever fewer faults. */
export async function runScenario(
  name: string,
  scenario: Scenario,
  props: Props,
  options: RunOptions,
): Promise<RunResult> {
  const { seed, engineName, progress = () => {} } = options;
  const startedMs = performance.now();
  const played = await playScenario(scenario, props, options);
  const { world, told } = played.stage;
  const result = {
    scenario: name,
    engine: engineName,
    seed,
    traceHash: world.trace.hash(),
    virtualSeconds: world.nowMs / 1000,
    told,
  };
  const { broken } = played;
  if (broken === undefined) return { ...result, ok: true, wallMs: since(startedMs) };
  progress(`seed ${seed}: ${broken}; ${played.plan.length} faults, looking for the fewest`);
  const plan = await fewestFaults(played, (fewer) =>
    playScenario(scenario, props, { ...options, plan: fewer }),
  );
  return { ...result, ok: false, broken, plan, wallMs: since(startedMs) };
}

/** With which the same thing is broken, whatever the numbers and names in its words. */
function fewestFaults(
  { plan, broken }: Played,
  play: (plan: FaultPlan) => Promise<Played>,
): Promise<FaultPlan> {
  const kind = kindOf(broken);
  return minimise(plan, async (fewer) => kindOf((await play(fewer)).broken) === kind);
}

function kindOf(broken: string | undefined): string | undefined {
  return broken?.replaceAll(/[\w/.-]*\d[\w/.:-]*/g, "#");
}

function since(startedMs: number): number {
  return Math.round(performance.now() - startedMs);
}

/** One line that says all of a failure, and how to see it again. */
export function failureLine({ scenario, engine, seed, broken, plan = [] }: RunResult): string {
  return `${scenario}, engine ${engine}, seed ${seed}: ${broken}; ${plan.length} faults: ${JSON.stringify(plan)}; again: ${replayCommand({ scenario, engine, seed }, plan)}`;
}

/** Without a plan: with what the seed draws. */
export function replayCommand(
  { scenario, engine, seed }: RunName,
  plan: FaultPlan | undefined,
): string {
  const story = /^[\w./-]+$/.test(scenario) ? scenario : `'${scenario}'`;
  const given = plan === undefined ? "" : ` --plan '${JSON.stringify(plan)}'`;
  return `npm run -s skyfeeder -- sim run ${story} --engine ${engine} --seed ${seed}${given}`;
}
