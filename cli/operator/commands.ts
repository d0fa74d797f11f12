import { type Command, InvalidArgumentError } from "commander";
import { isFeederName } from "../../protocol/feeder-name.ts";
import { pathName, wholeNumber } from "../option-values.ts";
import { addRemote, askRemote } from "../server/remote-command.ts";
import { type ServerOptions, withServerOptions } from "../server/target.ts";
import type { PasswordOptions } from "./password.ts";
import { auditOf, DEVICE_COMMANDS, KEY_COMMANDS, naming } from "./remote-commands.ts";

const AUDIT_LIMIT_MAX = 1_000;

/** What an operator asks of a running server, and how the command is let in there. */
export function addOperatorCommands(program: Command): void {
  const devices = program.command("devices").description("let feeders in, and put them out");
  for (const remote of DEVICE_COMMANDS) addRemote(devices, remote);
  withServerOptions(devices.command("name"))
    .description("give a feeder a name; an empty one takes it back to that of its setting up")
    .argument("<id>", "the feeder")
    .argument("<name>", 'for example "Apple tree"', feederName)
    .action((id: string, name: string, options: ServerOptions) =>
      askRemote(naming(name), id, options),
    );
  const keys = program.command("keys").description("API keys for programs of yours");
  for (const remote of KEY_COMMANDS) addRemote(keys, remote);
  withServerOptions(program.command("audit"))
    .description("print what operators did, newest first")
    .option("--limit <count>", "how many entries", auditLimit, 50)
    .action((options: ServerOptions & { readonly limit: number }) =>
      askRemote(auditOf(options.limit), "", options),
    );
  addLogInCommands(program);
  program
    .command("password")
    .description("set the operator's password of a server's data folder, known or forgotten")
    .option("--data <folder>", "where the server keeps everything (default: ./data)", pathName)
    .option("--config <file>", "its settings; usually ./skyfeeder.toml", pathName)
    .option("--stdin", "read the password as one line of standard input")
    .option("--json", "print one JSON value")
    .action(async (options: PasswordOptions) => {
      const { runPassword } = await import("./password.ts");
      await runPassword(options);
    });
}

function addLogInCommands(program: Command): void {
  program
    .command("login")
    .description("give this computer's command a key for a server, by the operator's password")
    .option("--server <url>", "where the server is", "http://localhost:8080")
    .option("--stdin", "read the password as one line of standard input")
    .option("--json", "print one JSON value")
    .action(async (options: ServerOptions & { readonly stdin?: boolean }) => {
      const { runLogIn } = await import("./log-in.ts");
      await runLogIn(options);
    });
  program
    .command("logout")
    .description("make that key void, and forget it")
    .option("--server <url>", "where the server is", "http://localhost:8080")
    .option("--json", "print one JSON value")
    .action(async (options: ServerOptions) => {
      const { runLogOut } = await import("./log-in.ts");
      await runLogOut(options);
    });
}

function feederName(text: string): string {
  if (text === "" || isFeederName(text)) return text;
  throw new InvalidArgumentError("Give 1 to 32 bytes without control characters.");
}

function auditLimit(text: string): number {
  return wholeNumber(text, 1, AUDIT_LIMIT_MAX);
}
