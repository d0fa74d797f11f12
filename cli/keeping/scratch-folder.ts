import { mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Writes that were under way when it was given up may still make files in it, for so long. */
const REMOVING = { recursive: true, force: true, maxRetries: 8, retryDelay: 50 } as const;

export interface ScratchFolder extends AsyncDisposable {
  readonly path: string;
}

/**
 * For what is not whole yet, beside the name it is to get, so that the last step is a rename. It is for its owner alone,
 * and goes also when a signal ends the process: there are secrets in it.
 */
export function makeScratch(target: string): ScratchFolder {
  const made: string[] = [];
  const leave = (signal: NodeJS.Signals) => {
    forget();
    for (const path of made) rmSync(path, REMOVING);
    process.kill(process.pid, signal);
  };
  const forget = () => {
    for (const signal of SIGNALS) process.off(signal, leave);
  };
  // Before it is made, so that no signal comes in between.
  for (const signal of SIGNALS) process.on(signal, leave);
  const path = mkdtempSync(join(dirname(target), `.${basename(target)}-`));
  made.push(path);
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      forget();
      await rm(path, REMOVING);
    },
  };
}
