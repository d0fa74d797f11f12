import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Scenario } from "../../../host-sim/scenario.ts";
import { EXIT } from "../../failure.ts";
import { done, failed, type Outcome } from "../../outcome.ts";
import { parseSaved, type SavedFailure } from "./saved-failure.ts";
import { SCENARIO_FOLDER, scenarioNames } from "./scenario-names.ts";

/** A story and, of a failure that was saved, how it was played. */
export interface ChosenScenario {
  readonly name: string;
  readonly scenario: Scenario;
  readonly saved: SavedFailure | undefined;
}

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
  const loaded = await load(path);
  if (loaded === undefined) {
    const hint = "a module that exports `scenario`, as those of host-sim/scenarios do";
    return failed("no_scenario", `${text} is not a scenario`, hint, EXIT.usage);
  }
  return done({ name: text, scenario: loaded, saved: undefined });
}

async function load(path: string): Promise<Scenario | undefined> {
  try {
    const module = (await import(pathToFileURL(path).href)) as { readonly scenario?: Scenario };
    return typeof module.scenario?.play === "function" ? module.scenario : undefined;
  } catch {
    return undefined;
  }
}

async function chooseSaved(path: string): Promise<Outcome<ChosenScenario>> {
  const saved = parseSaved(await readFile(path, "utf8").catch(() => ""));
  if (typeof saved === "string") {
    return failed("bad_seed_file", `${path}: ${saved}`, "a file that --save wrote", EXIT.usage);
  }
  const chosen = await chooseScenario(saved.scenario);
  return chosen.kind === "failed" ? chosen : done({ ...chosen.value, saved });
}
