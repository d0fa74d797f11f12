import type { Argument, Command } from "commander";
import type { Call, Fields } from "./call.ts";
import { type ServerOptions, withServerOptions } from "./target.ts";

/** One thing that is asked of a server. */
export interface RemoteRequest {
  readonly ask: (argument: string) => Call;
  readonly text: (body: Fields, argument: string) => string;
  /** What `--json` prints where the server has nothing to say. */
  readonly done?: (argument: string) => Fields;
  /** The list in the answer, where the server tells a long one in pages. */
  readonly list?: string;
}

/** A command that asks its server one thing. */
export interface RemoteCommand extends RemoteRequest {
  readonly name: string;
  readonly description: string;
  readonly argument?: Argument;
}

export function addRemote(group: Command, remote: RemoteCommand): void {
  const { name, description, argument } = remote;
  const command = withServerOptions(group.command(name)).description(description);
  if (argument === undefined) {
    command.action((options: ServerOptions) => askRemote(remote, "", options));
  } else {
    command
      .addArgument(argument)
      .action((given: string, options: ServerOptions) => askRemote(remote, given, options));
  }
}

export async function askRemote(
  request: RemoteRequest,
  argument: string,
  options: ServerOptions,
): Promise<void> {
  const { runRemote } = await import("./run-remote.ts");
  await runRemote(request, argument, options);
}
