/**
 * The long tier, by hand: the swarm of the whole system and that of the camera's wires with 10,000 seeds each; and the
 * firmware finishing an update from every point of the power-cut sweep, of which `npm test` takes a sample; then a
 * herd of 5,000 feeders at one server, a server that is killed and a flash whose cable is pulled a hundred times, more
 * noise at a feeder's cable and at its portal, and properties with values that no run has drawn. On every processor.
 *
 *   npm run test:long
 *   SEEDS=1000 RECOVERIES=1000 npm run test:long
 *
 * Exit codes: 0 nothing was wrong, 1 something was; each line on stdout is one failure, with what it takes to see it again.
 */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { failureLine, type RunResult } from "../cli/sim/run/run-scenario.ts";
import { playSeeds } from "../cli/sim/run/run-seeds.ts";
import { bothCameras } from "./flows/both-cameras.ts";
import { ROOT } from "./tidy/source-tree.ts";

/** A process keeps some 2 MB of each world it ran: a thousand would be its end. */
const RUNS_A_PROCESS = 250;
const seeds = Number(process.env.SEEDS ?? 10_000);
/** About: every point of both updates. */
const recoveries = Number(process.env.RECOVERIES ?? 32_000);

interface Share {
  readonly script: string;
  readonly args: readonly string[];
  readonly count: number;
}

function seedShares(camera: string, first: number, total: number): Share[] {
  return Array.from({ length: Math.ceil(total / RUNS_A_PROCESS) }, (_, index) => {
    const done = index * RUNS_A_PROCESS;
    const count = Math.min(RUNS_A_PROCESS, total - done);
    return { script: "swarm-seeds.ts", args: [camera, `${first + done}`, `${count}`], count };
  });
}

/** Each share takes every so many-th of the 16,000 points of an update. */
function recoveryShares(kind: "first" | "next"): Share[] {
  const shares = 16_000 / RUNS_A_PROCESS;
  const wanted = Math.ceil(recoveries / 2 / RUNS_A_PROCESS);
  return Array.from({ length: Math.min(shares, wanted) }, (_, share) => {
    return {
      script: "sweep-share.ts",
      args: [kind, `${share}`, `${shares}`],
      count: RUNS_A_PROCESS,
    };
  });
}

/** The compiled camera is a process a seed: a tenth of the seeds, other ones. */
const swarm = bothCameras().flatMap(({ name, close }) => {
  close();
  return name === "simulated"
    ? seedShares(name, 1, seeds)
    : seedShares(name, 1_000_001, seeds / 10);
});
const queue = [...swarm, ...recoveryShares("first"), ...recoveryShares("next")];
const total = queue.reduce((sum, { count }) => sum + count, 0);
let done = 0;

async function work(): Promise<void> {
  for (let share = queue.shift(); share !== undefined; share = queue.shift()) {
    const script = join(import.meta.dirname, "flows", share.script);
    const child = spawn(process.execPath, [script, ...share.args], { stdio: "inherit" });
    const [status] = await once(child, "exit");
    if (status !== 0) process.exitCode = 1;
    done += share.count;
    process.stderr.write(`${done} of ${total} runs\n`);
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, work));

let count = 0;
const played = (result: RunResult): void => {
  count++;
  if (count % RUNS_A_PROCESS === 0) process.stderr.write(`${count} of ${seeds} seeds\n`);
  if (result.ok) return;
  process.stdout.write(`${failureLine(result)}\n`);
  process.exitCode = 1;
};
const all = { scenario: "swarm", engine: "node", first: 1, last: seeds } as const;
await playSeeds(all, { played, stop: new AbortController().signal });

const HERD = join(import.meta.dirname, "server-min", "herd.ts");
const KILLED = ["run", "test/server-min/kill.test.ts"];
const PULLED = ["run", "test/cli/flash/flash-board.test.ts"];
/** Parsers of what anybody sends, and all else whose tests draw values. */
const DRAWN = ["run", ...globSync("test/**/*.test.ts", { cwd: ROOT }).filter(draws)];
const MORE = {
  ...{ KILLS: "100", CABLE_PULLS: "100", NOISE_SEEDS: String(seeds) },
  // Not those of npm test; what fails prints its seed.
  PROPERTY_SEED: String(randomInt(2 ** 31)),
};
for (const [command, args] of [
  [process.execPath, [HERD]],
  ["vitest", KILLED],
  ["vitest", PULLED],
  ["vitest", DRAWN],
] as const) {
  const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...MORE } });
  const [status] = await once(child, "exit");
  if (status !== 0) process.exitCode = 1;
}

function draws(path: string): boolean {
  return /fast-check|NOISE_SEEDS/.test(readFileSync(join(ROOT, path), "utf8"));
}
