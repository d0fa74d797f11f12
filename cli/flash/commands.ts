import { type Command, InvalidArgumentError, Option } from "commander";
import { pathName, wholeNumber } from "../option-values.ts";
import { withServerOptions } from "../server/target.ts";
import type { FlashCommandOptions } from "./flash-command.ts";

const BAUD_MIN = 9_600;
const BAUD_MAX = 3_000_000;
const CONSOLE_BAUD = 115_200;

export function addFlashCommand(program: Command): void {
  const flash = program
    .command("flash")
    .description("write firmware to a board on a serial port, without an SDK")
    .option(
      "--port <port>",
      "/dev/ttyUSB0, COM3, rfc2217://host:port; else the one used last",
      port,
    )
    .option("--image <file>", "an application alone, or a merged image for a new board", pathName)
    .addOption(
      new Option("--release <version>", "what the server has published as that").conflicts("image"),
    )
    .option("--erase", "erase all of the chip first: Wi-Fi and the feeder's identity too")
    .option("--baud <rate>", "how fast the image goes over the wire", baud, 921_600)
    .addOption(new Option("--monitor", "then show what the board prints").conflicts("json"));
  withServerOptions(flash).action(async (options: FlashCommandOptions) => {
    const { runFlash } = await import("./flash-command.ts");
    const flashed = await runFlash(options);
    if (flashed === undefined || options.monitor !== true) return;
    const { runMonitor } = await import("../monitor/monitor.ts");
    const { port, server } = { ...options, port: flashed.port };
    await runMonitor({ port, server, baud: CONSOLE_BAUD, tag: [] }, () => false);
  });
}

function baud(text: string): number {
  return wholeNumber(text, BAUD_MIN, BAUD_MAX);
}

function port(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("Name a port: npm run -s skyfeeder -- ports");
}
