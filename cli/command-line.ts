import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { parseDuration } from "./duration.ts";
import { EXIT, reportFailure } from "./failure.ts";
import type { StartOptions } from "./start.ts";

const DEVICES_MAX = 100;
/** The firmware takes visits closer than its cool-down of 10 s for one. */
const VISIT_EVERY_MIN_MS = 10_000;

export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const asJson = argv.includes("--json");
  const program = buildProgram();
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ outputError: () => {} });
  }
  if (argv.length <= 2) return program.outputHelp();
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    const message = error.message.replace(/^error: /, "").replaceAll("\n", " ");
    const hint = "npm run -s skyfeeder -- --help";
    reportFailure({ code: "usage", message, hint, exitCode: EXIT.usage }, asJson);
  }
}

function buildProgram(): Command {
  const program = new Command("skyfeeder")
    .description("A camera bird feeder: server, simulated feeders, tools.")
    .version(packageJson.version)
    .showSuggestionAfterError()
    .addHelpText("after", "\nSee your first bird:  npm start");
  program
    .command("start")
    .description("run the server and simulated feeders, and open their gallery")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port of page, API and relay", port, 8080)
    .option("--data <folder>", "where photos and the database are kept", folder, "./data")
    .option("--devices <count>", "how many feeders to simulate", devices, 1)
    .option("--visit-every <time>", "a bird comes this often, for example 20s or 5m", visitEvery)
    .option("--photos <folder>", "the cameras see this folder's JPEGs instead of a drawn garden")
    .option("--public-url <url>", "what clients reach the server by, when not host and port")
    .addOption(
      new Option("--also-listen <ports>", "more ports with the same server, for example 8081,9180")
        .argParser(ports)
        .default([], "none"),
    )
    .option("--insecure", "serve other machines although anybody may claim to be any feeder")
    .option("--no-browser", "do not open the page")
    .option("--json", "print one JSON value once it runs")
    .action(async (options: StartOptions) => {
      // Loaded when used: server and simulator are half a second that --help does not need.
      const { runStart } = await import("./start.ts");
      await runStart(options);
    });
  return program;
}

function folder(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("Name a folder.");
}

function port(text: string): number {
  return wholeNumber(text, 0, 65_535);
}

function devices(text: string): number {
  return wholeNumber(text, 0, DEVICES_MAX);
}

function ports(text: string): number[] {
  return text.split(",").map((one) => wholeNumber(one.trim(), 1, 65_535));
}

function visitEvery(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs === undefined) {
    throw new InvalidArgumentError("Give a number with ms, s, m or h, for example 20s.");
  }
  if (durationMs < VISIT_EVERY_MIN_MS) {
    throw new InvalidArgumentError("The feeder takes visits closer than 10s for one.");
  }
  return durationMs;
}

function wholeNumber(text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
}
