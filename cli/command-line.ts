import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { addCertCommand } from "./cert/commands.ts";
import { addConfigCommands } from "./configuration/commands.ts";
import { parseDuration } from "./duration.ts";
import { EXIT, type Failure, reportFailure } from "./failure.ts";
import { addFirmwareCommands } from "./firmware/commands.ts";
import { addFlashCommand } from "./flash/commands.ts";
import { addKeepingCommands } from "./keeping/commands.ts";
import { addMonitorCommand } from "./monitor/commands.ts";
import { addOperatorCommands } from "./operator/commands.ts";
import { addFaultCommands } from "./operator/fault-commands.ts";
import { pathName, wholeNumber } from "./option-values.ts";
import { addProvisionCommand } from "./provision/commands.ts";
import { addPortsCommand } from "./serial/commands.ts";
import { addSimCommands } from "./sim/commands.ts";
import type { StartOptions } from "./start.ts";

const DEVICES_MAX = 100;
/** The firmware takes visits closer than its cool-down of 10 s for one. */
const VISIT_EVERY_MIN_MS = 10_000;

/** What a newcomer does first; all the rest is behind --help. */
const FIRST_STEPS = `A camera bird feeder: server, simulated feeders, tools.

  npm start                          see your first bird, from a simulated feeder
  npm run -s skyfeeder -- doctor     is this machine ready? what is the next step?
  npm run -s skyfeeder -- flash      put firmware on a board that is plugged in
  npm run -s skyfeeder -- provision  give that feeder its network, server and name
  npm run -s skyfeeder -- devices    let it in: devices pending, devices approve CODE
  npm run -s skyfeeder -- monitor    see what it does

All commands: npm run -s skyfeeder -- --help
`;

export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const asJson = argv.includes("--json");
  const program = buildProgram();
  if (argv.length <= 2) return void process.stdout.write(FIRST_STEPS);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    reportFailure(explain(error, program, argv.slice(2)), asJson);
  }
}

function explain(error: CommanderError, program: Command, words: readonly string[]): Failure {
  const named = namedIn(program, words);
  const hint = `npm run -s skyfeeder -- ${[...named, "--help"].join(" ")}`;
  const message =
    error.code === "commander.help"
      ? `say what ${named.join(" ")} is to do`
      : error.message.replace(/^error: /, "").replaceAll("\n", " ");
  return { code: "usage", message, hint, exitCode: EXIT.usage };
}

/** The commands that the line begins with: `sim board` of `sim board --pty`. */
function namedIn({ commands }: Command, [word, ...rest]: readonly string[]): readonly string[] {
  const command = commands.find((candidate) => candidate.name() === word);
  return command === undefined ? [] : [command.name(), ...namedIn(command, rest)];
}

function buildProgram(): Command {
  const program = new Command("skyfeeder")
    .description("A camera bird feeder: server, simulated feeders, tools.")
    .version(packageJson.version)
    // A command may have a --version of its own.
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText("after", "\nSee your first bird:  npm start");
  addStartCommand(program);
  addOperatorCommands(program);
  addFaultCommands(program);
  addConfigCommands(program);
  addPortsCommand(program);
  addFlashCommand(program);
  addFirmwareCommands(program);
  addProvisionCommand(program);
  addCertCommand(program);
  addKeepingCommands(program);
  addMonitorCommand(program);
  addSimCommands(program);
  return program;
}

function addStartCommand(program: Command): void {
  program
    .command("start")
    .description("run the server and simulated feeders, and open their gallery")
    .option("--config <file>", "settings (docs/config.md); usually ./skyfeeder.toml", pathName)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port of page, API and relay", port, 8080)
    .option("--data <folder>", "where photos and the database are kept", pathName, "./data")
    .option("--devices <count>", "how many feeders to simulate", devices, 1)
    .option("--visit-every <time>", "a bird comes this often, for example 20s or 5m", visitEvery)
    .option("--photos <folder>", "the cameras see this folder's JPEGs instead of a drawn garden")
    .option("--public-url <url>", "what clients reach the server by, when not host and port")
    .addOption(
      new Option("--also-listen <ports>", "more ports with the same server, for example 8081,9180")
        .argParser(ports)
        .default([], "none"),
    )
    .option("--signing-key <file>", "signs releases; or as PEM in $SKYFEEDER_SIGNING_KEY", pathName)
    .option("--tls-cert <file>", "serve https with this certificate, its chain behind it", pathName)
    .option("--tls-key <file>", "the key of --tls-cert", pathName)
    .option("--insecure", "serve other machines although anybody may claim to be any feeder")
    .option("--check-updates-every <time>", "feeders ask for firmware this often", checkEvery)
    .option("--no-browser", "do not open the page")
    .option("--json", "print one JSON value once it runs")
    .action(async (options: StartOptions, command: Command) => {
      // Loaded when used: server and simulator are half a second that --help does not need.
      const { runStart } = await import("./start.ts");
      await runStart(options, (option) => command.getOptionValueSource(option) === "cli");
    });
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

/** What the firmware keeps to, whatever a server says. */
const CHECK_EVERY_MIN_MS = 60_000;
const CHECK_EVERY_MAX_MS = 86_400_000;

function checkEvery(text: string): number {
  const durationMs = parseDuration(text);
  if (
    durationMs === undefined ||
    durationMs < CHECK_EVERY_MIN_MS ||
    durationMs > CHECK_EVERY_MAX_MS
  ) {
    throw new InvalidArgumentError("Give a time from 1m to 24h, for example 10m.");
  }
  return durationMs;
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
