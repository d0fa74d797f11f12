import type { Command } from "commander";
import { Argument } from "commander";
import { wholeNumber } from "../option-values.ts";
import { printOutcome } from "../outcome.ts";
import type { RunUpdateOptions } from "./run-update.ts";
import type { SweepUpdateOptions } from "./sweep-update.ts";

const IMAGE_BYTES_MIN = 300_000;
const IMAGE_BYTES_MAX = 1_769_472;

/** Stories that the simulator plays in virtual time, from a seed. */
export function addSimCommands(program: Command): void {
  const sim = program
    .command("sim")
    .description("play a story with a simulated feeder and the real server, in virtual time");
  sim
    .command("run")
    .description("play it once and say what happened")
    .addArgument(scenario())
    .option("--seed <number>", "the same seed plays the same story", seed, 1)
    .option("--json", "print one JSON value")
    .action(async (_name: string, options: RunUpdateOptions) => {
      const { runUpdate, updateText } = await import("./run-update.ts");
      printOutcome(await runUpdate(options), options.json, updateText);
    });
  sim
    .command("sweep")
    .description("cut the power before, in and after every flash operation of it")
    .addArgument(scenario())
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
      const { sweepUpdate, sweepText } = await import("./sweep-update.ts");
      printOutcome(await sweepUpdate(options), options.json, sweepText);
    });
}

function scenario(): Argument {
  return new Argument("<story>", "what is played").choices(["update"]);
}

function seed(text: string): number {
  return wholeNumber(text, 0, 0xffffffff);
}

function every(text: string): number {
  return wholeNumber(text, 0, 1_000_000);
}

function imageBytes(text: string): number {
  return wholeNumber(text, IMAGE_BYTES_MIN, IMAGE_BYTES_MAX);
}
