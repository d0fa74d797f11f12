import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { DAY_MS } from "../../../host-sim/durations.ts";
import { parseDuration } from "../../duration.ts";
import { EXIT } from "../../failure.ts";
import { wholeNumber } from "../../option-values.ts";
import { printOutcome } from "../../outcome.ts";
import { days, seed, visitsADay } from "../option-values.ts";

const DEVICES_MAX = 5_000;
/** The firmware takes visits closer than its cool-down for one. */
const VISIT_EVERY_MIN_MS = 10_000;
const VISIT_EVERY_MS = 30_000;

const REAL_TIME_ONLY = [
  ["for", "--for"],
  ["visitEvery", "--visit-every"],
] as const;
const VIRTUAL_TIME_ONLY = [
  ["seed", "--seed"],
  ["visitsADay", "--visits-a-day"],
] as const;

interface FleetCommandOptions {
  readonly devices: number;
  readonly days?: number;
  readonly visitsADay: number;
  readonly seed: number;
  readonly server?: string;
  readonly visitEvery?: number;
  readonly for?: number;
  readonly json?: boolean;
}

export function addFleetCommand(sim: Command): void {
  sim
    .command("fleet")
    .description("many feeders and one server: in virtual time, or against a server that runs")
    .option("--devices <count>", "how many feeders", devices, 100)
    .option("--days <count>", "for how long (default: 1; with --server until Ctrl-C)", days)
    .option("--visits-a-day <count>", "some so many birds a feeder", visitsADay, 40)
    .option("--seed <number>", "the same seed is the same fleet, in virtual time", seed, 1)
    .option("--server <url>", "drive this server over its sockets, in real time", serverUrl)
    .option(
      "--visit-every <time>",
      "with --server: a bird comes so often (default: 30s)",
      visitEvery,
    )
    .option("--for <time>", "with --server: end after that, for example 10m", duration)
    .option("--json", "print one JSON value")
    .action(async (options: FleetCommandOptions, command: Command) => {
      refuseUseless(options, command);
      if (options.server !== undefined) return runAgainst(options.server, options);
      await runInVirtualTime(options);
    });
}

/** What would change nothing was meant to. */
function refuseUseless({ server }: FleetCommandOptions, command: Command): void {
  const isGiven = (name: string): boolean => command.getOptionValueSource(name) === "cli";
  const useless = server === undefined ? REAL_TIME_ONLY : VIRTUAL_TIME_ONLY;
  const why = server === undefined ? "needs --server" : "is of virtual time, not for --server";
  for (const [name, flag] of useless) {
    if (isGiven(name)) command.error(`error: ${flag} ${why}`);
  }
  if (isGiven("for") && isGiven("days")) command.error("error: give --for or --days");
}

async function runInVirtualTime({ json, days = 1, ...options }: FleetCommandOptions) {
  const { fleetText, runFleet } = await import("./fleet.ts");
  const outcome = await runFleet({ ...options, days }, talk);
  printOutcome(outcome, json, fleetText);
  if (outcome.kind === "done" && outcome.value.lost > 0) process.exitCode = EXIT.failed;
}

async function runAgainst(server: string, options: FleetCommandOptions): Promise<void> {
  const { driveServer, drivenText } = await import("./fleet-drive.ts");
  const { devices, visitEvery = VISIT_EVERY_MS, days } = options;
  const forMs = options.for ?? (days ?? Number.POSITIVE_INFINITY) * DAY_MS;
  const stop = new Promise<void>((stopped) => {
    // Each time: npm passes a Ctrl-C on that the terminal has delivered too.
    process.on("SIGINT", stopped);
    process.on("SIGTERM", stopped);
  });
  const drive = { server, devices, forMs, visitEveryMs: visitEvery, stop, tell: talk };
  const outcome = await driveServer(drive);
  printOutcome(outcome, options.json, drivenText);
  if (outcome.kind === "done" && outcome.value.neverOnline > 0) process.exitCode = EXIT.failed;
}

function talk(line: string): void {
  process.stderr.write(`${line}\n`);
}

function devices(text: string): number {
  return wholeNumber(text, 1, DEVICES_MAX);
}

function serverUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The simulated network is IPv4 and has no TLS; paths are put behind it.
  const isMore = url === undefined || `${url.username}${url.search}${url.hash}` !== "";
  if (isMore || url.protocol !== "http:" || url.hostname.startsWith("[")) {
    throw new InvalidArgumentError("Give an address such as http://127.0.0.1:8080.");
  }
  return url.href.replace(/\/$/, "");
}

function duration(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs === undefined || durationMs === 0) {
    throw new InvalidArgumentError("Give a number with ms, s, m or h, for example 10m.");
  }
  return durationMs;
}

function visitEvery(text: string): number {
  const durationMs = duration(text);
  if (durationMs >= VISIT_EVERY_MIN_MS) return durationMs;
  throw new InvalidArgumentError("The feeder takes visits closer than 10s for one.");
}
