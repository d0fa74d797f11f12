import { access, constants, mkdir, readFile } from "node:fs/promises";
import { join, parse } from "node:path";
import * as v from "valibot";
import { type FaultPlan, parsePlan } from "../../../host-sim/faults/fault.ts";
import { parseRecord } from "../../../protocol/json.ts";
import { EXIT } from "../../failure.ts";
import { done, failed, type Outcome } from "../../outcome.ts";
import { replaceWhole } from "../../whole-file.ts";
import type { RunName, RunResult } from "./run-scenario.ts";

/** A failure as it is kept in test/seeds/. */
export interface SavedFailure extends RunName {
  readonly broken: string;
  /** Without one: what the seed draws, of a run that ended its process. */
  readonly plan?: FaultPlan;
}

export type ParsedFailure =
  | { readonly kind: "saved"; readonly failure: SavedFailure }
  | { readonly kind: "refused"; readonly why: string };

const savedSchema = v.object({
  // One saved failure that names another, or itself, would be looked for without end.
  scenario: v.pipe(
    v.string(),
    v.check((name) => !name.endsWith(".json"), "a saved failure is no scenario"),
  ),
  engine: v.picklist(["node", "xs"]),
  seed: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff)),
  broken: v.string(),
});

/** Asked before hours of play, not after. */
export async function makeSaveFolder(folder: string): Promise<Outcome<string>> {
  return mkdir(folder, { recursive: true })
    .then(() => access(folder, constants.W_OK))
    .then(
      () => done(folder),
      (error: NodeJS.ErrnoException) => unwritable(`cannot write to ${folder}: ${error.code}`),
    );
}

/** Each failure as a file of its own; answers where. */
export async function keepFailures(
  results: readonly RunResult[],
  folder: string,
): Promise<Outcome<readonly string[]>> {
  const paths: string[] = [];
  for (const result of results) {
    if (result.ok || result.engineFailed === true) continue;
    const { scenario, engine, seed, broken = "", plan } = result;
    const given = plan === undefined ? {} : { plan };
    const saved: SavedFailure = { scenario, engine, seed, broken, ...given };
    const bytes = Buffer.from(`${JSON.stringify(saved, null, 2)}\n`);
    const written = await replaceWhole(await ownPath(join(folder, nameOf(result)), bytes), bytes);
    if (written.kind === "failed") return unwritable(written.failure.message);
    paths.push(written.value);
  }
  return done(paths);
}

/** What was kept before is played for ever after: another failure of the same seed stands beside it. */
async function ownPath(name: string, bytes: Buffer): Promise<string> {
  for (let nth = 1; ; nth++) {
    const path = nth === 1 ? `${name}.json` : `${name}-${nth}.json`;
    const kept = await readFile(path).catch(() => bytes);
    if (kept.equals(bytes)) return path;
  }
}

/** The same seed may break in one engine alone. */
function nameOf({ scenario, engine, seed }: RunName): string {
  const { name } = parse(scenario);
  return engine === "node" ? `${name}-${seed}` : `${name}-${engine}-${seed}`;
}

function unwritable(message: string) {
  const hint = "name a folder with --save that you may write to";
  return failed("save_unwritable", message, hint, EXIT.failed);
}

export function parseSaved(text: string): ParsedFailure {
  const value = parseRecord(text);
  if (value === undefined) return { kind: "refused", why: "it is no JSON object" };
  const parsed = v.safeParse(savedSchema, value);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return { kind: "refused", why: `${v.getDotPath(issue)}: ${issue.message}` };
  }
  if (value.plan === undefined) return { kind: "saved", failure: parsed.output };
  const planned = parsePlan(value.plan);
  if (planned.kind === "refused") return planned;
  return { kind: "saved", failure: { ...parsed.output, plan: planned.plan } };
}
