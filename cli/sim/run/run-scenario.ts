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
  /** The first invariant that does not hold; as it is said with the fewest faults, which may give it other numbers. */
  readonly broken?: string;
  /** The fewest faults with which it still does not. */
  readonly plan?: FaultPlan;
  /** Played once more with the same faults it broke otherwise, or not at all: these are all its faults. */
  readonly repeats?: false;
  /** Something is missing on this computer: it says nothing about the firmware. */
  readonly engineFailed?: true;
  /** It ended the process that played it, as it would any other. */
  readonly endedProcess?: true;
  /** What plays it again, of one that is broken. */
  readonly replay?: string;
}

export interface RunOptions extends Pick<PlayOptions, "pace" | "plan"> {
  readonly seed: number;
  readonly engine: Engine;
  readonly engineName: RunName["engine"];
  readonly progress?: (line: string) => void;
  /** Before it is played, and each time that it is played again. */
  readonly begins?: () => void;
}

/** Plays one story; a failure is played again with ever fewer faults. */
export async function runScenario(
  name: string,
  scenario: Scenario,
  props: Props,
  options: RunOptions,
): Promise<RunResult> {
  const { seed, engineName, begins = () => {} } = options;
  const startedMs = performance.now();
  const play = (how: PlayOptions): Promise<Played> => {
    begins();
    return playScenario(scenario, props, how);
  };
  const played = await play(options);
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
  const failure = { ...result, ok: false, broken: oneLine(broken) };
  if (played.engineFailed) return { ...failure, engineFailed: true, wallMs: since(startedMs) };
  const shrunk = await shrink(played, (plan) => play({ ...options, plan }), options);
  return { ...failure, ...shrunk, wallMs: since(startedMs) };
}

/** What breaks by luck cannot be looked for with fewer faults. */
async function shrink(
  played: Played,
  play: (plan: FaultPlan) => Promise<Played>,
  { seed, progress = () => {} }: RunOptions,
): Promise<Pick<RunResult, "plan" | "repeats" | "broken">> {
  const { plan, broken = "" } = played;
  progress(`seed ${seed}: ${broken}; ${plan.length} faults, looking for the fewest`);
  const again = await play(plan);
  if (kindOf(again.broken) === kindOf(broken)) return fewestFaults(again, play);
  progress(`seed ${seed}: played again it does not repeat`);
  return { plan, repeats: false };
}

/** With which the same thing is broken, whatever the numbers and names in its words; and these words, with them. */
async function fewestFaults(
  { plan, broken = "" }: Played,
  play: (plan: FaultPlan) => Promise<Played>,
): Promise<Required<Pick<RunResult, "plan" | "broken">>> {
  const kind = kindOf(broken);
  let said = broken;
  const fewest = await minimise(plan, async (fewer) => {
    const { broken: now } = await play(fewer);
    if (now === undefined || kindOf(now) !== kind) return false;
    said = now;
    return true;
  });
  return { plan: fewest, broken: oneLine(said) };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, " ");
}

function kindOf(broken: string | undefined): string | undefined {
  return broken?.replaceAll(/[\w/.-]*\d[\w/.:-]*/g, "#");
}

function since(startedMs: number): number {
  return Math.round(performance.now() - startedMs);
}

/** One line that says all of a failure, and how to see it again. */
export function failureLine(result: RunResult): string {
  const { scenario, engine, seed, broken, plan } = result;
  const again = replayCommand({ scenario, engine, seed }, plan);
  return `${scenario}, engine ${engine}, seed ${seed}: ${broken}; ${faultsText(result)}; again: ${again}`;
}

/** What it takes to break, as far as that is known. */
export function faultsText({ plan, repeats }: RunResult): string {
  const luck = repeats === false ? "it does not repeat; " : "";
  if (plan === undefined) return `${luck}faults as the seed draws them`;
  return `${luck}${plan.length} faults: ${JSON.stringify(plan)}`;
}

/** Without a plan: with what the seed draws. */
export function replayCommand(
  { scenario, engine, seed }: RunName,
  plan: FaultPlan | undefined,
): string {
  const given = plan === undefined ? "" : ` --plan '${JSON.stringify(plan)}'`;
  return `npm run -s skyfeeder -- sim run ${shellWord(scenario)} --engine ${engine} --seed ${seed}${given}`;
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
