import { type Command, InvalidArgumentError, Option } from "commander";
import { pathName, wholeNumber } from "../option-values.ts";
import { withServerOptions } from "../server/target.ts";
import { BoundedPattern } from "./bounded-pattern.ts";
import { LOG_LEVELS } from "./log-format.ts";
import type { MonitorOptions } from "./monitor-options.ts";

const BAUD_MAX = 3_000_000;
const PATTERN_MAX = 500;

export function addMonitorCommand(program: Command): void {
  withServerOptions(program.command("monitor"))
    .description("show what a board prints, understood; Ctrl-R resets it, Ctrl-C or Ctrl-] ends")
    .option("--port <port>", "/dev/ttyUSB0, COM3, rfc2217://host:port; else the one used last")
    .option("--device <id>", "a feeder somewhere else, by its server")
    .option("--baud <rate>", "of the port; 460800 for a debug build", baud, 115_200)
    .addOption(new Option("--level <level>", "only so bad or worse").choices(LOG_LEVELS))
    .option("--tag <tag>", "only this part of the firmware; may be repeated", collect, [])
    .option("--grep <regex>", "only lines that match", pattern)
    .option("--log <file>", "append what is shown to this file, as text", pathName)
    .option("--elf <file>", "of the build that runs: decodes the backtrace of a panic", pathName)
    .option("--frames", "the port listens to a wire of the camera link: decode its frames")
    .addHelpText("after", "\n--json prints one JSON value a line, for as long as it runs.")
    .action(async (options: MonitorOptions, command: Command) => {
      const { runMonitor } = await import("./monitor.ts");
      await runMonitor(options, (option) => command.getOptionValueSource(option) === "cli");
    });
}

function baud(text: string): number {
  return wholeNumber(text, 300, BAUD_MAX);
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

function pattern(text: string): BoundedPattern {
  if (text.length > PATTERN_MAX) {
    throw new InvalidArgumentError(`Give at most ${PATTERN_MAX} characters.`);
  }
  try {
    return new BoundedPattern(new RegExp(text, "u"));
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : "");
  }
}
