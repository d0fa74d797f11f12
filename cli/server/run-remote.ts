import { done, type Outcome, printOutcome } from "../outcome.ts";
import { type Call, callServer, type Fields, listIn, type Target } from "./call.ts";
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
  const call = request.ask(argument);
  if (request.list !== undefined) return wholeList(target.value, call, request.list);
  const answer = await callServer(target.value, call);
  if (answer.kind === "failed") return answer;
  return done(request.done?.(argument) ?? answer.value.body);
}

/** Page by page: a cursor that comes twice would lead round in a circle. */
async function wholeList(target: Target, call: Call, list: string): Promise<Outcome<Fields>> {
  const items: Fields[] = [];
  const cursors = new Set<string>();
  let path = call.path;
  for (;;) {
    const answer = await callServer(target, { ...call, path });
    if (answer.kind === "failed") return answer;
    const { body } = answer.value;
    items.push(...listIn(body, list));
    const { next } = body;
    if (typeof next !== "string" || cursors.has(next)) return done({ ...body, [list]: items });
    cursors.add(next);
    path = `${call.path}?after=${encodeURIComponent(next)}`;
  }
}
