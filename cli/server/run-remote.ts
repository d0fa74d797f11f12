import { done, type Outcome, printOutcome } from "../outcome.ts";
import { callServer, type Fields } from "./call.ts";
import type { RemoteRequest } from "./remote-command.ts";
import { findTarget, type ServerOptions } from "./target.ts";

export async function runRemote(
  request: RemoteRequest,
  argument: string,
  options: ServerOptions,
): Promise<void> {
  const outcome = await answerOf(request, argument, options);
  printOutcome(outcome, options.json, (body) => request.text(body, argument));
}

async function answerOf(
  request: RemoteRequest,
  argument: string,
  options: ServerOptions,
): Promise<Outcome<Fields>> {
  const target = await findTarget(options);
  if (target.kind === "failed") return target;
  const answer = await callServer(target.value, request.ask(argument));
  if (answer.kind === "failed") return answer;
  return done(request.done?.(argument) ?? answer.value.body);
}
