import type { Command } from "commander";
import { type ServerOptions, withServerOptions } from "../server/target.ts";

export interface WaitOptions extends ServerOptions {
  readonly wait?: boolean;
}

/** What an operator sets in feeders while they run. Checked here by the same rules as on the server and in the feeder. */
export function addConfigCommands(program: Command): void {
  const config = program.command("config").description("settings of feeders (docs/config.md)");
  withServerOptions(config.command("get"))
    .description("print a feeder's settings, and where it stands")
    .argument("<device>")
    .action(async (device: string, options: ServerOptions) => {
      const { getConfig } = await import("./get-config.ts");
      await getConfig(device, options);
    });
  withServerOptions(config.command("set"))
    .description("change some settings; a name without a value is taken back to its default")
    .argument("<device>")
    .argument("<setting...>", "for example visitWeightGrams=120 or heartbeatSeconds=2m")
    .option("--wait", "until the feeder obeys, or has taken it back")
    .action(async (device: string, given: string[], options: WaitOptions) => {
      const { setConfig } = await import("./change-config.ts");
      await setConfig(device, given, options);
    });
  withServerOptions(config.command("diff"))
    .description("print how what is in effect differs from what is wanted; or a file from it")
    .argument("<device>")
    .argument("[file]", "settings, in TOML or JSON")
    .action(async (device: string, file: string | undefined, options: ServerOptions) => {
      const { diffConfig } = await import("./diff-config.ts");
      await diffConfig(device, file, options);
    });
  withServerOptions(config.command("push"))
    .description("set all that a file has, and nothing else")
    .argument("<device>")
    .argument("<file>", "settings, in TOML or JSON")
    .option("--wait", "until the feeder obeys, or has taken it back")
    .action(async (device: string, file: string, options: WaitOptions) => {
      const { pushConfig } = await import("./change-config.ts");
      await pushConfig(device, file, options);
    });
}
