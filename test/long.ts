/**
 * The long tier, by hand: what `npm test` tries with 200 seeds of faults, with 10,000, on every processor.
 *
 *   npm run test:long
 *   SEEDS=1000 npm run test:long
 *
 * Exit codes: 0 nothing was wrong, 1 something was; each line on stdout is one failing seed with its plan.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { bothCameras } from "./flows/both-cameras.ts";

/** A process keeps some 2 MB of each world it ran: a thousand would be its end. */
const SEEDS_A_PROCESS = 250;
const seeds = Number(process.env.SEEDS ?? 10_000);

interface Share {
  readonly camera: string;
  readonly first: number;
  readonly count: number;
}

function sharesOf(camera: string, first: number, total: number): Share[] {
  return Array.from({ length: Math.ceil(total / SEEDS_A_PROCESS) }, (_, index) => {
    const done = index * SEEDS_A_PROCESS;
    return { camera, first: first + done, count: Math.min(SEEDS_A_PROCESS, total - done) };
  });
}

/** The compiled camera is a process a seed: a tenth of the seeds, other ones. */
const shares = bothCameras().flatMap(({ name, close }) => {
  close();
  return name === "simulated" ? sharesOf(name, 1, seeds) : sharesOf(name, 1_000_001, seeds / 10);
});
const total = shares.reduce((sum, { count }) => sum + count, 0);
let done = 0;

async function work(): Promise<void> {
  for (let share = shares.shift(); share !== undefined; share = shares.shift()) {
    const { camera, first, count } = share;
    const script = join(import.meta.dirname, "flows/swarm-seeds.ts");
    const child = spawn(process.execPath, [script, camera, String(first), String(count)], {
      stdio: "inherit",
    });
    const [status] = await once(child, "exit");
    if (status !== 0) process.exitCode = 1;
    done += count;
    process.stderr.write(`${done} of ${total} seeds\n`);
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, work));
