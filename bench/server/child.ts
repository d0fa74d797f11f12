import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A server under test, in a process of its own; what it sends first says how it is reached. */
export interface Child<Started> extends AsyncDisposable {
  readonly started: Started;
}

export async function startChild<Started>(
  script: string,
  ...args: string[]
): Promise<Child<Started>> {
  const child: ChildProcess = fork(join(import.meta.dirname, script), args);
  const started = await Promise.race([
    once(child, "message").then(([message]) => message as Started),
    once(child, "exit").then(() => Promise.reject(new Error(`${script} ended`))),
  ]);
  return {
    started,
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}
