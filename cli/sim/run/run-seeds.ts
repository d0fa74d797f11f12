import { fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { RunName, RunResult } from "./run-scenario.ts";

/** A process keeps some 2 MB of each world it ran: a thousand would be its end. */
const SEEDS_A_PROCESS = 200;
const WORKER = join(import.meta.dirname, "seed-worker.ts");

export interface SeedRange {
  readonly first: number;
  readonly last: number;
}

/** What one process is given. */
export interface SeedShare extends SeedRange {
  /** As on the command line: a name or a file. */
  readonly scenario: string;
  readonly engine: RunName["engine"];
  /** Of those that there are; for an engine that takes turns with its host. */
  readonly processor: number;
}

export function countOf({ first, last }: SeedRange): number {
  return last - first + 1;
}

/** Plays every seed, on all processors; `played` hears of each as soon as it is. */
export async function playSeeds(
  wanted: Omit<SeedShare, "processor">,
  played: (result: RunResult) => void,
): Promise<void> {
  const queue = sharesOf(wanted);
  const work = async (processor: number): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await playShare({ ...next, processor }, played);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, (_, nth) => work(nth)));
}

function sharesOf<Wanted extends SeedRange>(share: Wanted): Wanted[] {
  const size = Math.min(SEEDS_A_PROCESS, Math.ceil(countOf(share) / availableParallelism()));
  return Array.from({ length: Math.ceil(countOf(share) / size) }, (_, index) => {
    const first = share.first + index * size;
    return { ...share, first, last: Math.min(share.last, first + size - 1) };
  });
}

async function playShare(share: SeedShare, played: (result: RunResult) => void): Promise<void> {
  const worker = fork(WORKER, [JSON.stringify(share)], { serialization: "json" });
  worker.on("message", (result) => played(result as RunResult));
  const [status] = await once(worker, "exit");
  if (status !== 0) throw new Error(`seeds ${share.first} to ${share.last} ended with ${status}`);
}
