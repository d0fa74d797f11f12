import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, parse, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseScenario, type Scenario } from "../../../host-sim/scenario.ts";
import { isRecord } from "../../../protocol/json.ts";
import { EXIT } from "../../failure.ts";
import { done, type Failed, failed, type Outcome } from "../../outcome.ts";
import { parseSaved, type SavedFailure } from "./saved-failure.ts";
import { SCENARIO_FOLDER, scenarioNames } from "./scenario-names.ts";

/** A story and, of a failure that was saved, how it was played. */
export interface ChosenScenario {
  /** Of a file elsewhere its whole path: it is found from any folder. */
  readonly name: string;
  readonly scenario: Scenario;
  readonly saved: SavedFailure | undefined;
}

const HINT = "a module that exports `scenario`, as those of host-sim/scenarios do";

/** By its name, as a file of its own, or as a failure that was saved. */
export async function chooseScenario(text: string): Promise<Outcome<ChosenScenario>> {
  if (text.endsWith(".json")) return chooseSaved(text);
  const isFile = text.endsWith(".ts") || text.endsWith(".js");
  const names = scenarioNames();
  if (!isFile && !names.includes(text)) {
    const message = `there is no scenario "${text}"`;
    return failed("unknown_scenario", message, `one of ${names.join(", ")}`, EXIT.usage);
  }
  const path = isFile ? resolve(text) : join(SCENARIO_FOLDER, `${text}.ts`);
  if (!existsSync(path)) return notFound(path, HINT);
  const loaded = await load(path);
  if (loaded.kind === "failed") return loaded;
  return done({ name: nameOf(path), scenario: loaded.value, saved: undefined });
}

/** However it was asked for: a path of this tree would be found on no other computer. */
function nameOf(path: string): string {
  const { dir, name } = parse(path);
  return dir === SCENARIO_FOLDER ? name : path;
}

/** Anybody's module: it may not load, and may export anything. */
async function load(path: string): Promise<Outcome<Scenario>> {
  try {
    const module: unknown = await import(pathToFileURL(path).href);
    const exported = isRecord(module) ? module.scenario : undefined;
    if (exported === undefined) {
      return failed("no_scenario", `${path} exports no scenario`, HINT, EXIT.usage);
    }
    const parsed = parseScenario(exported);
    if (parsed.kind === "scenario") return done(parsed.scenario);
    return failed("bad_scenario", `${path}: ${parsed.why}`, HINT, EXIT.usage);
  } catch (error) {
    const message = `${path} does not load: ${String(error).replaceAll(/\s*\n\s*/g, " ")}`;
    return failed("no_scenario", message, HINT, EXIT.usage);
  }
}

async function chooseSaved(path: string): Promise<Outcome<ChosenScenario>> {
  const hint = "a file that --save wrote";
  if (!existsSync(path)) return notFound(resolve(path), hint);
  const saved = parseSaved(await readFile(path, "utf8").catch(() => ""));
  if (saved.kind === "refused") {
    return failed("bad_seed_file", `${path}: ${saved.why}`, hint, EXIT.usage);
  }
  const chosen = await chooseScenario(saved.failure.scenario);
  return chosen.kind === "failed" ? chosen : done({ ...chosen.value, saved: saved.failure });
}

function notFound(path: string, hint: string): Failed {
  return failed("not_found", `there is no ${path}`, hint, EXIT.notFound);
}
