import { done, type Outcome, printOutcome } from "../outcome.ts";
import { callServer, type Fields } from "../server/call.ts";
import { findTarget, type ServerOptions } from "../server/target.ts";
import type { RemoteCommand } from "./remote-commands.ts";

export async function runRemote(
  remote: RemoteCommand,
  argument: string,
  options: ServerOptions,
): Promise<void> {
  const outcome = await answerOf(remote, argument, options);
  printOutcome(outcome, options.json, (body) => remote.text(body, argument));
}

async function answerOf(
  remote: RemoteCommand,
  argument: string,
  options: ServerOptions,
): Promise<Outcome<Fields>> {
  const target = await findTarget(options);
  if (target.kind === "failed") return target;
  const answer = await callServer(target.value, remote.ask(argument));
  if (answer.kind === "failed") return answer;
  return done(remote.done?.(argument) ?? answer.value.body);
}
