import { chooseEngine } from "../../../host-sim/engines/engine-choice.ts";
import type { Engine } from "../../../host-sim/engines/guest-port.ts";
import { keepToOneCore } from "../../../host-sim/engines/one-core.ts";
import { type FaultPlan, parsePlan } from "../../../host-sim/faults/fault.ts";
import { parseJson } from "../../../protocol/json.ts";
import { EXIT } from "../../failure.ts";
import { done, failed, type Outcome } from "../../outcome.ts";
import type { Props } from "../play-scenario.ts";
import { reportRuns } from "../report/recording.ts";
import type { ReportTarget } from "../report/report-target.ts";
import { writeReports } from "../report/run-report.ts";
import { buildProps } from "../scenario-props.ts";
import { type RunName, type RunResult, runScenario } from "./run-scenario.ts";
import { countOf, playSeeds, type SeedRange } from "./run-seeds.ts";
import { keepFailures, type SavedFailure } from "./saved-failure.ts";
import { type ChosenScenario, chooseScenario } from "./scenario-file.ts";

export interface RunCommandOptions {
  readonly engine?: RunName["engine"];
  readonly seed?: number;
  readonly seeds?: SeedRange;
  /** A plan as JSON, instead of what the seed draws. */
  readonly plan?: string;
  readonly realTime?: boolean;
  readonly save?: string;
  readonly report?: readonly ReportTarget[];
  readonly json?: boolean;
}

/** What `sim run` prints: one run, or the sum of a range. */
export type RunOutput = RunResult | RangeResult;

export interface RangeResult {
  readonly scenario: string;
  readonly engine: RunName["engine"];
  readonly seeds: string;
  readonly ok: boolean;
  readonly runs: number;
  readonly virtualSeconds: number;
  readonly wallMs: number;
  readonly failures: readonly RunResult[];
}

/** How it is played, once all that was asked for is known to be there. */
interface Run {
  readonly chosen: ChosenScenario;
  readonly options: RunCommandOptions;
  readonly engine: Engine;
  readonly engineName: RunName["engine"];
  readonly plan: FaultPlan | undefined;
  readonly props: Props;
}

export async function runCommand(
  text: string,
  options: RunCommandOptions,
): Promise<Outcome<RunOutput>> {
  const chosen = await chooseScenario(text);
  if (chosen.kind === "failed") return chosen;
  const { saved } = chosen.value;
  const engineName = options.engine ?? (saved?.engine === "xs" ? "xs" : "node");
  const engine = chooseEngine(engineName);
  if ("missing" in engine) {
    return failed("xs_not_built", engine.missing, "npm run xs:build", EXIT.missing);
  }
  const plan = planOf(options, saved);
  if (plan?.kind === "refused") {
    return failed("bad_plan", plan.why, "the plan of a failure, as it was printed", EXIT.usage);
  }
  const parts = { chosen: chosen.value, options, engine, engineName, plan: plan?.plan };
  const run: Run = { ...parts, props: await buildProps() };
  return options.seeds === undefined ? runOnce(run) : runRange(run, options.seeds);
}

function planOf({ plan }: RunCommandOptions, saved: SavedFailure | undefined) {
  return plan === undefined
    ? saved && ({ kind: "plan", plan: saved.plan } as const)
    : parsePlan(parseJson(plan));
}

async function runOnce(run: Run): Promise<Outcome<RunResult>> {
  if (run.engineName === "xs") keepToOneCore();
  const { chosen, options, engine, engineName, plan, props } = run;
  const { name, scenario, saved } = chosen;
  const result = await runScenario(name, scenario, props, {
    seed: options.seed ?? saved?.seed ?? 1,
    engine,
    engineName,
    pace: options.realTime === true ? "real" : "virtual",
    progress: talk,
    ...(plan === undefined ? {} : { plan }),
  });
  return keepAndReport(run, [result], result);
}

async function runRange(run: Run, seeds: SeedRange): Promise<Outcome<RangeResult>> {
  const { chosen, engineName } = run;
  const startedMs = performance.now();
  const results: RunResult[] = [];
  const tell = reportProgress(countOf(seeds));
  await playSeeds({ scenario: chosen.name, engine: engineName, ...seeds }, (result) => {
    results.push(result);
    if (!result.ok) talk(`seed ${result.seed} fails: ${result.broken}`);
    tell(results.length);
  });
  results.sort((one, other) => one.seed - other.seed);
  const failures = results.filter(({ ok }) => !ok);
  return keepAndReport(run, results, {
    scenario: chosen.name,
    engine: engineName,
    seeds: `${seeds.first}..${seeds.last}`,
    ok: failures.length === 0,
    runs: results.length,
    virtualSeconds: results.reduce((total, { virtualSeconds }) => total + virtualSeconds, 0),
    wallMs: Math.round(performance.now() - startedMs),
    failures,
  });
}

async function keepAndReport<Output>(
  { chosen, options, engine, plan, props }: Run,
  results: readonly RunResult[],
  output: Output,
): Promise<Outcome<Output>> {
  const { save, report } = options;
  if (save !== undefined) {
    for (const path of await keepFailures(results, save)) talk(`kept: ${path}`);
  }
  if (report === undefined) return done(output);
  const same = plan === undefined ? { engine } : { engine, plan };
  const runs = await reportRuns(results, chosen.scenario, props, same);
  const written = await writeReports(report, runs);
  return written.kind === "failed" ? written : done(output);
}

/** A line each tenth, with what is left. */
function reportProgress(total: number): (played: number) => void {
  const startedMs = performance.now();
  let told = 0;
  return (played) => {
    const tenths = Math.floor((10 * played) / total);
    if (tenths === told || total < 10) return;
    told = tenths;
    const leftMs = ((performance.now() - startedMs) * (total - played)) / played;
    talk(`${played} of ${total} seeds, ${Math.ceil(leftMs / 1000)} s left`);
  };
}

function talk(line: string): void {
  process.stderr.write(`${line}\n`);
}
