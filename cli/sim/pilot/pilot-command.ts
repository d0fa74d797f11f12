import type { Command } from "commander";
import { EXIT } from "../../failure.ts";
import { pathName, wholeNumber } from "../../option-values.ts";
import { printOutcome } from "../../outcome.ts";
import { days, seed, visitsADay } from "../option-values.ts";
import type { PilotOptions } from "./pilot.ts";

const DEVICES_MAX = 20;

interface PilotCommandOptions extends PilotOptions {
  readonly csv?: string;
  readonly html?: string;
  readonly json?: boolean;
}

export function addPilotCommand(sim: Command): void {
  sim
    .command("pilot")
    .description("a field pilot: feeders in gardens for days, with all that goes wrong there")
    .option("--devices <count>", "how many feeders", devices, 3)
    .option("--days <count>", "for how long", days, 7)
    .option("--visits-a-day <count>", "some so many birds a feeder", visitsADay, 40)
    .option("--seed <number>", "the same seed plays the same pilot", seed, 1)
    .option("--csv <file>", "a row a feeder", pathName)
    .option("--html <file>", "a page to read and to print", pathName)
    .option("--json", "print one JSON value")
    .addHelpText("after", "\nEnds with 1 when a target is missed, and says which and where.")
    .action(async (options: PilotCommandOptions) => {
      const { pilotCommand } = await import("./pilot-files.ts");
      const { pilotText } = await import("./pilot-text.ts");
      const outcome = await pilotCommand(options, options);
      printOutcome(outcome, options.json, pilotText);
      if (outcome.kind === "done" && outcome.value.missed.length > 0) {
        process.exitCode = EXIT.failed;
      }
    });
}

function devices(text: string): number {
  return wholeNumber(text, 1, DEVICES_MAX);
}
