import { readdirSync } from "node:fs";
import { join } from "node:path";

export const SCENARIO_FOLDER = join(import.meta.dirname, "../../../host-sim/scenarios");

/** A file a scenario. */
export function scenarioNames(): string[] {
  return readdirSync(SCENARIO_FOLDER)
    .map((file) => file.replace(/\.ts$/, ""))
    .sort();
}
