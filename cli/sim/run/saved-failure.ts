import { mkdir, writeFile } from "node:fs/promises";
import { join, parse } from "node:path";
import { type FaultPlan, parsePlan } from "../../../host-sim/faults/fault.ts";
import { parseRecord } from "../../../protocol/json.ts";
import type { RunResult } from "./run-scenario.ts";

/** A failure as it is kept in test/seeds/. */
export interface SavedFailure {
  readonly scenario: string;
  readonly engine: string;
  readonly seed: number;
  readonly broken: string;
  readonly plan: FaultPlan;
}

/** Each failure as a file of its own; answers where. */
export async function keepFailures(
  results: readonly RunResult[],
  folder: string,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const { ok, scenario, engine, seed, broken = "", plan = [] } of results) {
    if (ok) continue;
    const saved: SavedFailure = { scenario, engine, seed, broken, plan };
    const path = join(folder, `${parse(scenario).name}-${seed}.json`);
    await mkdir(folder, { recursive: true });
    await writeFile(path, `${JSON.stringify(saved, null, 2)}\n`);
    paths.push(path);
  }
  return paths;
}

/** Or what is wrong with it. */
export function parseSaved(text: string): SavedFailure | string {
  const value = parseRecord(text);
  if (value === undefined) return "it is no JSON object";
  const { scenario, engine, seed, broken, plan } = value;
  const isNamed = typeof scenario === "string" && typeof engine === "string";
  if (!isNamed || typeof seed !== "number") return "it names no scenario, engine and seed";
  const parsed = parsePlan(plan);
  if (parsed.kind === "refused") return parsed.why;
  return { scenario, engine, seed, broken: String(broken), plan: parsed.plan };
}
