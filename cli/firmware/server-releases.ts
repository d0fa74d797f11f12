import { Argument, type Command } from "commander";
import { columns } from "../operator/columns.ts";
import { version } from "../option-values.ts";
import { listIn } from "../server/call.ts";
import {
  addRemote,
  askRemote,
  type RemoteCommand,
  type RemoteRequest,
} from "../server/remote-command.ts";
import { type ServerOptions, withServerOptions } from "../server/target.ts";

const RELEASE = new Argument("<version>", "the release, for example 1.2.3").argParser(version);

interface BlockOptions extends ServerOptions {
  readonly reason?: string;
}

const LIST: RemoteCommand = {
  name: "ls",
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
  name: "sign",
  description: "let a server sign a release anew, so that it is offered also over newer ones",
  argument: RELEASE,
  ask: (release) => ({ method: "POST", path: `v1/releases/${release}/resign` }),
  text: ({ sequence, expires }, release) =>
    `${release} is signed anew: sequence ${sequence}, until ${expires}`,
};

function blocking(reason?: string): RemoteRequest {
  return {
    ask: (release) => ({
      method: "POST",
      path: `v1/releases/${release}/block`,
      body: { reason },
    }),
    text: (_, release) => `${release} is offered to nobody any more`,
  };
}

export function addServerReleases(firmware: Command): void {
  addRemote(firmware, LIST);
  addRemote(firmware, SIGN);
  withServerOptions(firmware.command("block"))
    .description("offer a release to nobody any more, and whoever runs it the one before")
    .addArgument(RELEASE)
    .option("--reason <text>", "why, for the audit log and whoever asks")
    .action((release: string, options: BlockOptions) =>
      askRemote(blocking(options.reason), release, options),
    );
}
