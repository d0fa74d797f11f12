import type { Command } from "commander";
import type { PortsOptions } from "./ports-command.ts";

export function addPortsCommand(program: Command): void {
  program
    .command("ports")
    .description("list the serial ports that a board may be on")
    .option("--json", "print one JSON value")
    .action(async (options: PortsOptions) => {
      const { runPorts } = await import("./ports-command.ts");
      await runPorts(options);
    });
}
