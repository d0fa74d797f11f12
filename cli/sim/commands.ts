import type { Command } from "commander";
import { Argument, InvalidArgumentError, Option } from "commander";
import { EXIT } from "../failure.ts";
import { pathName, wholeNumber } from "../option-values.ts";
import { printOutcome } from "../outcome.ts";
import { addBoardCommand } from "./board/commands.ts";
import { addFleetCommand } from "./fleet/fleet-command.ts";
import { addHeapCommand } from "./heap/heap-command.ts";
import { seed } from "./option-values.ts";
import { addPilotCommand } from "./pilot/pilot-command.ts";
import { parseReportTarget } from "./report/report-target.ts";
import type { RunCommandOptions } from "./run/run-command.ts";
import type { SeedRange } from "./run/run-seeds.ts";
import { scenarioNames } from "./run/scenario-names.ts";
import type { SweepUpdateOptions } from "./sweep/sweep-update.ts";

const ENGINES = ["node", "xs"];
const IMAGE_BYTES_MIN = 300_000;
const IMAGE_BYTES_MAX = 1_769_472;

/** Stories that the simulator plays in virtual time, from a seed. */
export function addSimCommands(program: Command): void {
  const sim = program
    .command("sim")
    .description("play a story with a simulated feeder and the real server, in virtual time");
  addRunCommand(sim);
  addPilotCommand(sim);
  addFleetCommand(sim);
  addHeapCommand(sim);
  addBoardCommand(sim);
  sim
    .command("sweep")
    .description("cut the power before, in and after every flash operation of it")
    .addArgument(sweepable())
    .option("--image-bytes <bytes>", "size of the new image", imageBytes, 1_200_000)
    .option(
      "--recover-every <n>",
      "let the firmware finish from every n-th point; 0: none",
      every,
      0,
    )
    .option("--cut-again-every <n>", "cut once more in every n-th of these; 0: none", every, 2)
    .option("--seed <number>", "what is torn follows from it", seed, 1)
    .option("--json", "print one JSON value")
    .action(async (_name: string, options: SweepUpdateOptions) => {
      const { sweepUpdate, sweepText } = await import("./sweep/sweep-update.ts");
      printOutcome(await sweepUpdate(options), options.json, sweepText);
    });
}

function addRunCommand(sim: Command): void {
  sim
    .command("run")
    .description("play a story, and see whether everything holds that must")
    .argument("<scenario>", "its name, a file with one, or a failure that was saved")
    .addOption(new Option("--engine <name>", "what runs the firmware").choices(ENGINES))
    .option("--seed <number>", "the same seed plays the same story (default: 1)", seed)
    .addOption(
      new Option("--seeds <range>", "play each of them on all processors, for example 1..200")
        .argParser(seeds)
        .conflicts(["seed", "realTime"]),
    )
    .option("--plan <json>", "what goes wrong, instead of what the seed draws")
    .option("--real-time", "play it as slowly as it would happen; no seed repeats that exactly")
    .option("--save <folder>", "keep failures there as files", pathName)
    .option("--report <targets>", "junit:FILE, html:FILE, or both with a comma", parseReportTarget)
    .option("--json", "print one JSON value")
    .addHelpText("after", `\nScenarios: ${scenarioNames().join(", ")}`)
    .action(async (name: string, options: RunCommandOptions) => {
      const { runCommand } = await import("./run/run-command.ts");
      const { runText } = await import("./run/run-text.ts");
      const outcome = await runCommand(name, options);
      printOutcome(outcome, options.json, runText);
      if (outcome.kind === "done" && !outcome.value.ok) process.exitCode = EXIT.failed;
    });
}

function sweepable(): Argument {
  return new Argument("<story>", "what is cut").choices(["update"]);
}

function seeds(text: string): SeedRange {
  const [, first = "", last = ""] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
  if (first === "") throw new InvalidArgumentError("Give two numbers, for example 1..200.");
  const range = { first: seed(first), last: seed(last) };
  if (range.first > range.last) throw new InvalidArgumentError("The first comes before the last.");
  return range;
}

function every(text: string): number {
  return wholeNumber(text, 0, 1_000_000);
}

function imageBytes(text: string): number {
  return wholeNumber(text, IMAGE_BYTES_MIN, IMAGE_BYTES_MAX);
}
