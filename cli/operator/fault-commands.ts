import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../duration.ts";
import { wholeNumber } from "../option-values.ts";
import { listIn } from "../server/call.ts";
import {
  addRemote,
  askRemote,
  type RemoteCommand,
  type RemoteRequest,
} from "../server/remote-command.ts";
import { type ServerOptions, withServerOptions } from "../server/target.ts";
import { columns, moment } from "./columns.ts";

interface FaultOptions extends ServerOptions {
  readonly rate: number;
  readonly code: number;
  readonly for: number;
}

const LIST: RemoteCommand = {
  name: "ls",
  description: "list the feeders whose uploads fail on purpose",
  ask: () => ({ method: "GET", path: "v1/test/faults" }),
  text: (body) =>
    columns(
      listIn(body, "faults").map(({ deviceId, failPutRate, httpCode, untilTs }) => [
        String(deviceId),
        `${Number(failPutRate) * 100} % are answered ${httpCode}`,
        `until ${moment(untilTs)}`,
      ]),
      "nobody's uploads fail on purpose",
    ),
};

/** Without an end the server takes a fault for one that is over. */
const CLEAR: RemoteCommand = {
  name: "clear",
  description: "let a feeder's uploads through again",
  argument: new Argument("<id>", "the feeder"),
  ask: (deviceId) => ({ method: "POST", path: "v1/test/faults", body: { deviceId } }),
  text: (_, deviceId) => `${deviceId} uploads as usual`,
};

function setting({ rate, code, for: forMs }: FaultOptions, nowMs: number): RemoteRequest {
  const fault = { failPutRate: rate, httpCode: code, untilTs: nowMs + forMs };
  return {
    ask: (deviceId) => ({ method: "POST", path: "v1/test/faults", body: { deviceId, ...fault } }),
    text: ({ untilTs }, deviceId) => `${deviceId}'s uploads fail until ${moment(untilTs)}`,
  };
}

/** What a developer breaks on purpose; a server that strangers reach has none of it. */
export function addFaultCommands(program: Command): void {
  const faults = program
    .command("faults")
    .description("make a feeder's uploads fail on purpose, on a developer's server");
  addRemote(faults, LIST);
  withServerOptions(faults.command("set"))
    .description("answer a feeder's uploads with an error, for a while")
    .argument("<id>", "the feeder")
    .option("--rate <share>", "how many fail, 0 to 1", share, 1)
    .option("--code <status>", "with which HTTP status, 400 to 599", status, 503)
    .addOption(
      new Option("--for <time>", "for how long, for example 90s")
        .argParser(duration)
        .default(600_000, "10m"),
    )
    .action((id: string, options: FaultOptions) =>
      askRemote(setting(options, Date.now()), id, options),
    );
  addRemote(faults, CLEAR);
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError("Give a number from 0 to 1, for example 0.4.");
}

function status(text: string): number {
  return wholeNumber(text, 400, 599);
}

function duration(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs !== undefined && durationMs > 0) return durationMs;
  throw new InvalidArgumentError("Give a number with s, m or h, for example 10m.");
}
