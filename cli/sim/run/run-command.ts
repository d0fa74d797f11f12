import { chooseEngine } from "../../../host-sim/engines/engine-choice.ts";
import type { Engine } from "../../../host-sim/engines/guest-port.ts";
import { keepToOneCore } from "../../../host-sim/engines/one-core.ts";
import type { FaultPlan } from "../../../host-sim/faults/fault.ts";
import { EXIT } from "../../failure.ts";
import { done, type Failed, failed, type Outcome } from "../../outcome.ts";
import type { Props } from "../play-scenario.ts";
import { reportRuns } from "../report/recording.ts";
import { refuseReports } from "../report/report-files.ts";
import type { ReportTarget } from "../report/report-target.ts";
import { writeReports } from "../report/run-report.ts";
import { buildProps } from "../scenario-props.ts";
import { aimPlan, readPlan } from "./given-plan.ts";
import { type RunName, type RunResult, replayCommand, runScenario } from "./run-scenario.ts";
import { countOf, digestTraces, playSeeds, type SeedRange } from "./run-seeds.ts";
import { keepFailures, makeSaveFolder } from "./saved-failure.ts";
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
  /** Of all traces, in the order of their seeds. */
  readonly traceHash: string;
  readonly virtualSeconds: number;
  readonly wallMs: number;
  readonly failures: readonly RunResult[];
  /** It was told to end before all of them were played. */
  readonly interrupted?: true;
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
  const engineName = options.engine ?? saved?.engine ?? "node";
  const engine = chooseEngine(engineName);
  if ("missing" in engine) {
    return failed("xs_not_built", engine.missing, "npm run xs:build", EXIT.missing);
  }
  const plan = planOf(options, chosen.value);
  if (plan.kind === "failed") return plan;
  const { save, report = [] } = options;
  const unwritable = await refuseReports(report.map(({ path }) => path));
  if (unwritable !== undefined) return unwritable;
  const folder = save === undefined ? undefined : await makeSaveFolder(save);
  if (folder?.kind === "failed") return folder;
  const parts = { chosen: chosen.value, options, engine, engineName, plan: plan.value };
  const run: Run = { ...parts, props: await buildProps() };
  return options.seeds === undefined ? runOnce(run) : runRange(run, options.seeds);
}

function planOf(
  { plan, seed, seeds }: RunCommandOptions,
  { scenario, saved }: ChosenScenario,
): Outcome<FaultPlan | undefined> {
  const given = plan === undefined ? done(saved?.plan) : readPlan(plan);
  if (given.kind === "failed" || given.value === undefined) return given;
  return aimPlan(given.value, scenario, seeds?.first ?? seed ?? saved?.seed ?? 1);
}

async function runOnce(run: Run): Promise<Outcome<RunResult>> {
  if (run.engineName === "xs") keepToOneCore();
  const { chosen, options, engine, engineName, plan, props } = run;
  const { name, scenario, saved } = chosen;
  const played = await runScenario(name, scenario, props, {
    seed: options.seed ?? saved?.seed ?? 1,
    engine,
    engineName,
    pace: options.realTime === true ? "real" : "virtual",
    progress: talk,
    ...(plan === undefined ? {} : { plan }),
  });
  const result = withReplay(played);
  return keepAndReport(run, [result], result);
}

async function runRange(run: Run, seeds: SeedRange): Promise<Outcome<RangeResult>> {
  const { chosen, engineName, plan } = run;
  const given = plan === undefined ? {} : { plan };
  const startedMs = performance.now();
  const results: RunResult[] = [];
  const tell = reportProgress(countOf(seeds));
  const wanted = { scenario: chosen.name, engine: engineName, ...given, ...seeds };
  const played = (result: RunResult): void => {
    results.push(withReplay(result));
    if (!result.ok) talk(`seed ${result.seed} fails: ${result.broken}`);
    tell(results.length);
  };
  await playSeeds(wanted, { played, stop: interruption() });
  const interrupted = results.length < countOf(seeds);
  results.sort((one, other) => one.seed - other.seed);
  const failures = results.filter(({ ok }) => !ok);
  return keepAndReport(run, results, {
    scenario: chosen.name,
    engine: engineName,
    seeds: `${seeds.first}..${seeds.last}`,
    ok: failures.length === 0 && !interrupted,
    runs: results.length,
    traceHash: digestTraces(results),
    virtualSeconds: results.reduce((total, { virtualSeconds }) => total + virtualSeconds, 0),
    wallMs: Math.round(performance.now() - startedMs),
    failures,
    ...(interrupted ? { interrupted } : {}),
  });
}

/** What was found by then is printed and kept. */
function interruption(): AbortSignal {
  const stop = new AbortController();
  // Each time: npm passes a Ctrl-C on that the terminal has delivered too.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  return stop.signal;
}

function withReplay(result: RunResult): RunResult {
  return result.ok ? result : { ...result, replay: replayCommand(result, result.plan) };
}

async function keepAndReport<Output>(
  { chosen, options, engine, plan, props }: Run,
  results: readonly RunResult[],
  output: Output,
): Promise<Outcome<Output>> {
  const { save, report } = options;
  if (save !== undefined) {
    const kept = await keepFailures(results, save);
    if (kept.kind === "failed") return kept;
    for (const path of kept.value) talk(`kept: ${path}`);
  }
  const trouble = results.find(({ engineFailed }) => engineFailed === true);
  if (trouble !== undefined) return engineFailure(trouble);
  if (report === undefined) return done(output);
  const same = plan === undefined ? { engine } : { engine, plan };
  // What ended its process would end this one.
  const playable = results.filter(({ endedProcess }) => endedProcess !== true);
  const { pictures } = await reportRuns(playable, chosen.scenario, props, same);
  const written = await writeReports(report, { results, pictures });
  return written.kind === "failed" ? written : done(output);
}

function engineFailure({ seed, broken = "" }: RunResult): Failed {
  const hint = "look for room in the temporary folder and in memory, then run it again";
  return failed("engine_failed", `seed ${seed}: ${broken}`, hint, EXIT.failed);
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
