import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** 1.2 MB take 20 s: the SDK's sockets look for 1.5 KB each 20 ms on Linux. */
const RUN_TIMEOUT_MS = 300_000;
/** On the ESP32. A slot is 32 here, and there are as many of them. */
const SLOT_BYTES = 16;

export interface HeapMark {
  /** What was alive when the step ended. */
  readonly liveBytes: number;
  /** The most that was alive at once during the step. */
  readonly peakBytes: number;
  readonly stackSlots: number;
}

/** By step; of one that comes more than once the largest of each. */
export type HeapMarks = Readonly<Record<string, HeapMark>>;

/** Runs the app until `lastStep` has ended. */
export async function runApp(
  [launch, app]: readonly [string, string],
  lastStep: string,
): Promise<HeapMarks> {
  const child = spawn(launch, [app], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: RUN_TIMEOUT_MS,
  });
  const marks: Record<string, HeapMark> = {};
  const output: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    output.push(line);
    const [, step, ...counts] = /^heap (\w+) (\d+) (\d+) (\d+) (\d+) (\d+)$/.exec(line) ?? [];
    if (step === undefined) continue;
    marks[step] = larger(marks[step], markOf(counts.map(Number)));
    if (step === lastStep) break;
  }
  child.kill();
  if (marks[lastStep] === undefined) throw new Error(`no ${lastStep}:\n${output.join("\n")}`);
  return marks;
}

function markOf(counts: readonly number[]): HeapMark {
  const [slots = 0, chunkBytes = 0, peakSlots = 0, peakChunkBytes = 0, stackSlots = 0] = counts;
  return {
    liveBytes: slots * SLOT_BYTES + chunkBytes,
    peakBytes: peakSlots * SLOT_BYTES + peakChunkBytes,
    stackSlots,
  };
}

function larger(a: HeapMark | undefined, b: HeapMark): HeapMark {
  return {
    liveBytes: Math.max(a?.liveBytes ?? 0, b.liveBytes),
    peakBytes: Math.max(a?.peakBytes ?? 0, b.peakBytes),
    stackSlots: Math.max(a?.stackSlots ?? 0, b.stackSlots),
  };
}
