import { spawnSync } from "node:child_process";

/**
 * Keeps this process and those that it starts on one processor, until the answer is called: it and a worker of XS take
 * turns, and waking each other on another processor takes several times as long. `nth` of those that it may use, and round
 * again. Without taskset nothing changes.
 */
export function keepToOneCore(nth = 0): () => void {
  const before = taskset("--pid", String(process.pid)) ?? "";
  const [mask] = /[\da-f]+$/.exec(before.trim()) ?? [];
  if (mask === undefined) return () => {};
  const usable = processorsIn(BigInt(`0x${mask}`));
  const chosen = usable[nth % usable.length] ?? 1n;
  const keepTo = (processors: string) =>
    taskset("--all-tasks", "--pid", processors, String(process.pid));
  keepTo(chosen.toString(16));
  return () => keepTo(mask);
}

/** A mask of each. */
function processorsIn(mask: bigint): bigint[] {
  const all: bigint[] = [];
  for (let left = mask; left > 0n; left &= left - 1n) all.push(left & -left);
  return all;
}

function taskset(...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync("taskset", args, { encoding: "utf8" });
  return status === 0 ? stdout : undefined;
}
