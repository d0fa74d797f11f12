import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { getCompileCacheDir } from "node:module";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { FaultPlan } from "../../../host-sim/faults/fault.ts";
import type { RunName, RunResult } from "./run-scenario.ts";

/** A process keeps some 2 MB of each world it ran: a thousand would be its end. */
const SEEDS_A_PROCESS = 200;
/** Of one play: firmware that never returns on node cannot be cut in its own process. */
const PLAY_MAX_MS = 600_000;
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
  /** Instead of what each seed draws. */
  readonly plan?: FaultPlan;
  /** Of those that there are; for an engine that takes turns with its host. */
  readonly processor: number;
}

/** What it tells. */
export type SeedMessage =
  | { readonly kind: "begins"; readonly seed: number }
  | { readonly kind: "played"; readonly result: RunResult };

type Wanted = Omit<SeedShare, "processor">;

export function countOf({ first, last }: SeedRange): number {
  return last - first + 1;
}

/** Of all runs, whose seeds ascend. */
export function digestTraces(results: readonly RunResult[]): string {
  const hash = createHash("sha256");
  for (const { traceHash } of results) hash.update(traceHash);
  return hash.digest("hex");
}

export interface Listener {
  /** Hears of each seed as soon as it was played. */
  readonly played: (result: RunResult) => void;
  /** Aborted when nothing more is to be played, nor what is being played. */
  readonly stop: AbortSignal;
}

/** Plays every seed, on all processors. A seed whose process ends has failed, and those behind it go on in another. */
export async function playSeeds(
  wanted: Wanted,
  listener: Listener,
  playMaxMs = PLAY_MAX_MS,
): Promise<void> {
  const queue = sharesOf(wanted);
  const work = async (processor: number): Promise<void> => {
    for (const next of queue) {
      const share = { ...next, processor };
      for (let { first } = share; first <= share.last; ) {
        if (listener.stop.aborted) return;
        first = await playShare({ ...share, first }, listener, playMaxMs);
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, (_, nth) => work(nth)));
}

/** One after the other, each to who asks next: of all seeds that there are it would be twenty million. */
function* sharesOf(share: Wanted): Generator<Wanted> {
  const size = Math.min(SEEDS_A_PROCESS, Math.ceil(countOf(share) / availableParallelism()));
  for (let { first } = share; first <= share.last; first += size) {
    yield { ...share, first, last: Math.min(share.last, first + size - 1) };
  }
}

/** Answers the seed with which another process goes on; one that could not begin would be followed by others as it. */
async function playShare(
  share: SeedShare,
  { played, stop }: Listener,
  playMaxMs: number,
): Promise<number> {
  let startedMs = performance.now();
  const worker = fork(WORKER, { serialization: "json", env: withCompileCache() });
  let next = share.first;
  let hasBegun = false;
  let isLate = false;
  let deadline: NodeJS.Timeout | undefined;
  const giveUp = (): void => {
    isLate = worker.kill("SIGKILL");
  };
  const end = (): void => {
    worker.kill("SIGKILL");
  };
  stop.addEventListener("abort", end);
  worker.on("message", (message: SeedMessage) => {
    if (stop.aborted) return;
    clearTimeout(deadline);
    hasBegun = message.kind === "begins";
    if (message.kind === "begins") {
      deadline = setTimeout(giveUp, playMaxMs);
      return;
    }
    next = message.result.seed + 1;
    startedMs = performance.now();
    played(message.result);
  });
  worker.send(share);
  // Not "exit", behind which messages may still come.
  const [status, signal]: (string | number | null)[] = await once(worker, "close");
  stop.removeEventListener("abort", end);
  clearTimeout(deadline);
  if (next > share.last || stop.aborted) return next;
  const how = isLate ? `not over after ${playMaxMs / 1000} s` : (signal ?? `exit code ${status}`);
  const wallMs = Math.round(performance.now() - startedMs);
  const ended = {
    ...endedRun(share, next),
    broken: `the process that played it ended: ${how}`,
    wallMs,
  };
  played(hasBegun ? ended : { ...ended, engineFailed: true });
  return hasBegun ? next + 1 : share.last + 1;
}

/** Of this process: half of what a worker takes to begin is reading TypeScript. */
function withCompileCache(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  return folder === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: folder };
}

function endedRun({ scenario, engine, plan }: SeedShare, seed: number) {
  const name = { scenario, engine, seed, ...(plan === undefined ? {} : { plan }) };
  const nothing = { traceHash: "", virtualSeconds: 0, told: [] };
  return { ...name, ...nothing, ok: false, endedProcess: true } as const;
}
