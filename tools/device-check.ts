/**
 * Builds the firmware as far as it can be built without a board: see docs/moddable.md for what this covers.
 *
 *   npm run device:check            one line a step; the tool's own output where a step fails
 *   npm run -s device:check -- --json   {ok, steps: [{name, ok, ms, output}]}
 *
 * Exit codes: 0 ok, 1 a step failed, 2 usage, 3 the Moddable SDK is missing.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { manifestFaults, preloadFaults } from "./device-check/manifest.ts";
import { mergeFaults } from "./device-check/merged-settings.ts";
import { linkedNativeFaults, unresolvedFaults } from "./device-check/native-symbols.ts";
import { preloadedRegexpFaults } from "./device-check/preloaded-regexps.ts";
import { createToolRunner, findSdk, type ToolRunner } from "./device-check/sdk.ts";

const ROOT = join(import.meta.dirname, "..");

/** mcconfig names an application after its manifest's folder. */
const NAME = basename(ROOT);

interface Step {
  readonly name: string;
  /** What is wrong, empty when nothing is. */
  run(): string;
}

interface StepResult {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly output: string;
}

function steps(run: ToolRunner, scratch: string): readonly Step[] {
  const esp32 = join(scratch, "tmp", "esp32", "release", NAME);
  const lin = join(scratch, "bin", "lin", "mc", "release", NAME, "mc.so");
  return [
    { name: "manifest", run: () => [...manifestFaults(ROOT), ...preloadFaults(ROOT)].join("\n") },
    { name: "esp32 makefile", run: () => run(["mcconfig", "-p", "esp32", "-o", scratch]) },
    { name: "esp32 tsc, xsc, xsl", run: () => linkEsp32(run, esp32) },
    {
      name: "esp32 settings",
      run: () => mergeFaults(ROOT, join(esp32, "xsProj-esp32")).join("\n"),
    },
    { name: "esp32 native symbols", run: () => linkedNativeFaults(esp32).join("\n") },
    { name: "esp32 preloaded regexps", run: () => preloadedRegexpFaults(esp32).join("\n") },
    {
      name: "lin build",
      run: () => run(["mcconfig", "-m", "-p", "lin", "-t", "build", "-o", scratch]),
    },
    { name: "lin native symbols", run: () => unresolvedFaults(ROOT, lin).join("\n") },
  ];
}

/** The two files that everything before the C compiler goes into; sdkconfig.h is what ESP-IDF would have made. */
function linkEsp32(run: ToolRunner, folder: string): string {
  const sdkconfig = join(folder, "xsProj-esp32", "build", "config", "sdkconfig.h");
  mkdirSync(join(sdkconfig, ".."), { recursive: true });
  writeFileSync(sdkconfig, "");
  const targets = [join(folder, "mc.xs.c"), join(folder, "mc.resources.c")];
  return run(["make", "-o", sdkconfig, "-f", join(folder, "makefile"), ...targets]);
}

/** A step needs what the ones before it made, so the first failure ends the check. */
function perform(planned: readonly Step[], finished: (result: StepResult) => void): StepResult[] {
  const results: StepResult[] = [];
  for (const step of planned) {
    const startMs = performance.now();
    const output = outcome(step);
    const result = {
      name: step.name,
      ok: output === "",
      ms: Math.round(performance.now() - startMs),
      output,
    };
    results.push(result);
    finished(result);
    if (!result.ok) break;
  }
  return results;
}

/** A tool that fails without saying so leaves files missing for the next step: that is its failure, not ours. */
function outcome(step: Step): string {
  try {
    return step.run();
  } catch (error) {
    return String(error);
  }
}

function printLine({ name, ok, ms, output }: StepResult): void {
  console.log(`${ok ? "ok    " : "failed"} ${name.padEnd(23)} ${(ms / 1000).toFixed(1)} s`);
  if (!ok) console.error(output);
}

function main(json: boolean): number {
  const sdk = findSdk(process.env);
  if (sdk.kind === "missing") {
    if (json) console.log(JSON.stringify({ error: { code: "sdk_missing", ...sdk.reason } }));
    else console.error(`${sdk.reason.message}\n${sdk.reason.hint}`);
    return 3;
  }
  const scratch = mkdtempSync(join(tmpdir(), "skyfeeder-device-check-"));
  try {
    const run = createToolRunner(ROOT, sdk.folder, scratch);
    const results = perform(steps(run, scratch), json ? () => {} : printLine);
    const ok = results.every((result) => result.ok);
    if (json) console.log(JSON.stringify({ ok, steps: results }));
    return ok ? 0 : 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
process.exitCode = main(values.json);
