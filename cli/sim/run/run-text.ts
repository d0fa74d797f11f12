import type { RunOutput } from "./run-command.ts";
import { failureLine } from "./run-scenario.ts";

/** For people. */
export function runText(output: RunOutput): string {
  const days = (output.virtualSeconds / 86_400).toFixed(2);
  const spent = `${days} days of virtual time in ${(output.wallMs / 1000).toFixed(1)} s`;
  if ("seeds" in output) {
    const { scenario, engine, seeds, runs, failures, interrupted } = output;
    const rest = interrupted === true ? ", the others were not played" : "";
    const holding = `${runs - failures.length} of ${runs} hold${rest}`;
    const sum = `${scenario}, engine ${engine}, seeds ${seeds}: ${holding}; ${spent}`;
    return [...failures.map(failureLine), sum].join("\n");
  }
  const { scenario, engine, seed, told, traceHash } = output;
  if (!output.ok) return [...told, failureLine(output)].join("\n");
  const holds = `${scenario}, engine ${engine}, seed ${seed}: everything holds; ${spent}`;
  return [...told, holds, `trace ${traceHash}`].join("\n");
}
