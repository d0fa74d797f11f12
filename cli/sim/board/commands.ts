import { type Command, InvalidArgumentError, Option } from "commander";
import { isDeviceId } from "../../../protocol/ids.ts";
import { pathName, wholeNumber } from "../../option-values.ts";
import type { BoardCommandOptions } from "./board-command.ts";

export function addBoardCommand(sim: Command): void {
  sim
    .command("board")
    .description("one simulated board in real time, behind a serial port")
    .addOption(
      new Option("--rfc2217 <port>", "serve its serial port there, reset lines too; 0: any port")
        .argParser(port)
        .conflicts("pty"),
    )
    .option("--pty", "its serial port as a pseudo-terminal, by socat or python3")
    .option("--erased", "with nothing on its flash")
    .addOption(
      new Option("--image <file>", "with this on its flash")
        .argParser(pathName)
        .conflicts("erased"),
    )
    .option("--flash <file>", "its flash is this file's, and is kept there at the end", pathName)
    .option("--server <url>", "where its server is", "http://localhost:8080")
    .option("--device-id <id>", "what it is called", deviceId, "desk")
    .option("--json", "print one JSON value once it runs")
    .action(async (options: BoardCommandOptions) => {
      const { runBoard } = await import("./board-command.ts");
      await runBoard(options);
    });
}

function port(text: string): number {
  return wholeNumber(text, 0, 65_535);
}

function deviceId(text: string): string {
  if (isDeviceId(text)) return text;
  throw new InvalidArgumentError("Give letters, digits, - and _, at most 48.");
}
