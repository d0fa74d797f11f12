import type { Command } from "commander";
import { columns } from "../operator/columns.ts";
import type { RemoteCommand } from "../operator/remote-commands.ts";
import { version } from "../option-values.ts";
import { listIn } from "../server/call.ts";
import { type ServerOptions, withServerOptions } from "../server/target.ts";

interface BlockOptions extends ServerOptions {
  readonly reason?: string;
}

const LIST: RemoteCommand = {
  usage: "ls",
  description: "list the releases of a server",
  ask: () => ({ method: "GET", path: "v1/releases" }),
  text: (body) =>
    columns(
      listIn(body, "releases").map(({ version, channel, sequence, expires, blocked }) => [
        String(version),
        String(channel),
        `sequence ${sequence}`,
        `until ${expires}`,
        blocked === null ? "" : "blocked",
      ]),
      "no release yet: npm run -s skyfeeder -- firmware publish FILE",
    ),
};

/** A higher sequence: also feeders that put this release aside, or have a newer one, take it. */
const SIGN: RemoteCommand = {
  usage: "sign <version>",
  description: "let a server sign a release anew, so that it is offered also over newer ones",
  ask: (release) => ({ method: "POST", path: `v1/releases/${release}/resign` }),
  text: ({ sequence, expires }, release) =>
    `${release} is signed anew: sequence ${sequence}, until ${expires}`,
};

function blocking(reason?: string): RemoteCommand {
  return {
    usage: "block <version>",
    description: "offer a release to nobody any more, and whoever runs it the one before",
    ask: (release) => ({
      method: "POST",
      path: `v1/releases/${release}/block`,
      body: { reason },
    }),
    text: (_, release) => `${release} is offered to nobody any more`,
  };
}

export function addServerReleases(firmware: Command): void {
  withServerOptions(firmware.command("ls"))
    .description(LIST.description)
    .action((options: ServerOptions) => ask(LIST, "", options));
  withServerOptions(firmware.command("sign"))
    .description(SIGN.description)
    .argument("<version>", "the release, for example 1.2.3", version)
    .action((release: string, options: ServerOptions) => ask(SIGN, release, options));
  withServerOptions(firmware.command("block"))
    .description(blocking().description)
    .argument("<version>", "the release, for example 1.2.3", version)
    .option("--reason <text>", "why, for the audit log and whoever asks")
    .action((release: string, options: BlockOptions) =>
      ask(blocking(options.reason), release, options),
    );
}

async function ask(remote: RemoteCommand, release: string, options: ServerOptions): Promise<void> {
  const { runRemote } = await import("../operator/run-remote.ts");
  await runRemote(remote, release, options);
}
