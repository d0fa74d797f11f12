import { spawnSync } from "node:child_process";

/**
 * Keeps this process and those that it starts on one processor, until the answer is called: it and a worker of XS take
 * turns, and waking each other on another processor takes several times as long. Without taskset nothing changes.
 */
export function keepToOneCore(): () => void {
  const before = taskset("--pid", String(process.pid)) ?? "";
  const [mask] = /[\da-f]+$/.exec(before.trim()) ?? [];
  if (mask === undefined) return () => {};
  const lowest = BigInt(`0x${mask}`) & -BigInt(`0x${mask}`);
  const keepTo = (processors: string) =>
    taskset("--all-tasks", "--pid", processors, String(process.pid));
  keepTo(lowest.toString(16));
  return () => keepTo(mask);
}

function taskset(...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync("taskset", args, { encoding: "utf8" });
  return status === 0 ? stdout : undefined;
}
