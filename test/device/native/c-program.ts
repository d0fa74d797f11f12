import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, type TestContext } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const FLAGS = "-std=c11 -O1 -g -Wall -Wextra -Werror -Wconversion -fsanitize=address,undefined";

/** In CI a missing compiler fails; on a desk it need not be there. */
const canCompile = Boolean(process.env.CI) || spawnSync("gcc", ["--version"]).status === 0;

/**
 * The firmware's C with a driver, under AddressSanitizer and UndefinedBehaviorSanitizer. Call it at the top of a test
 * file; what it returns runs the program once, from lines to lines. `sources` are for the compiler: its flags may be
 * among them.
 */
export function cProgram(sources: readonly string[]): (input: readonly string[]) => string[] {
  let folder = "";
  beforeAll(() => {
    if (!canCompile) {
      console.warn("skipped: the firmware's C is tested only where gcc is installed");
      return;
    }
    folder = mkdtempSync(join(tmpdir(), "skyfeeder-c-"));
    const flags = [...FLAGS.split(" "), "-fno-sanitize-recover=all"];
    run("gcc", [...flags, ...sources, "-o", join(folder, "program")], "");
  });
  beforeEach((context: TestContext) => {
    context.skip(!canCompile);
  });
  afterAll(() => {
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });
  return (input) => {
    const output = run(join(folder, "program"), [], input.map((line) => `${line}\n`).join(""));
    return output.split("\n").filter((line) => line !== "");
  };
}

function run(program: string, args: readonly string[], input: string): string {
  const ended = spawnSync(program, args, {
    cwd: ROOT,
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (ended.status === 0) return ended.stdout;
  throw new Error(`${program}: ${ended.error ?? ended.stderr}`);
}
