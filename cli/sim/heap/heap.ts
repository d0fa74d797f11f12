import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chooseEngine } from "../../../host-sim/engines/engine-choice.ts";
import { BOARD_SLOT_BYTES, type HeapWatch, PHASES } from "../../../host-sim/engines/heap-watch.ts";
import { EXIT } from "../../failure.ts";
import { done, failed, type Outcome } from "../../outcome.ts";
import { runHeapDay, VISITS } from "./heap-day.ts";

export interface HeapOptions {
  readonly check?: boolean;
  readonly json?: boolean;
}

/** Bytes of an ESP32 over what the firmware's modules take before it starts, unless it says otherwise. */
export interface HeapFigures {
  /** The most that was alive between two events. */
  readonly peakBytes: number;
  readonly budgetBytes: number;
  /** The same in each phase. */
  readonly byPhase: Readonly<Record<string, number>>;
  /**
   * The smallest heap in which the day passes, so with what is alive in the middle of an event: slots and chunks were
   * narrowed one after the other. Not with --check.
   */
  readonly smallestHeapBytes?: number;
  /** What the modules take here; on a board most of it is in flash. */
  readonly baselineBytes: number;
  readonly notCounted: string;
  readonly traceHash: string;
}

/** What is committed; written by `sim heap --json`. */
const FIGURES = join(import.meta.dirname, "../../../docs/heap.json");
const BUDGET_BYTES = 65_536;
const GROWTH_MAX = 1.05;
const NOT_COUNTED = "Moddable's network and TLS, XS's stack and keys";
/** How exactly the smallest heap is searched. */
const STEP = { slots: 16, chunkBytes: 256 } as const;
/** For what only a whole day brings, as the captures that are remembered. */
const LARGER = { slots: 16, chunkBytes: 1_024 } as const;
/** Of what was taken. */
const SEARCH = { from: 0.75, to: 1.05 } as const;

export async function measureHeap({ check }: HeapOptions): Promise<Outcome<HeapFigures>> {
  const engine = chooseEngine("xs");
  if ("missing" in engine) {
    return failed("xs_not_built", engine.missing, "npm run xs:build", EXIT.missing);
  }
  const day = await runHeapDay(VISITS);
  if (day === undefined) throw new Error("a heap that grows was full");
  const { watch, traceHash } = day;
  const figures = {
    peakBytes: watch.peak.bytes,
    budgetBytes: BUDGET_BYTES,
    byPhase: Object.fromEntries(PHASES.map((phase) => [phase, watch.alive.get(phase) ?? 0])),
    baselineBytes: watch.baselineBytes,
    notCounted: NOT_COUNTED,
    traceHash,
  };
  if (check) return compare(figures);
  talk(`${watch.taken.slots} slots and ${watch.taken.chunkBytes} bytes of chunks were taken`);
  return done({ ...figures, smallestHeapBytes: await findSmallest(watch) });
}

function talk(line: string): void {
  process.stderr.write(`${line}\n`);
}

function compare(figures: HeapFigures): Outcome<HeapFigures> {
  const committed = JSON.parse(readFileSync(FIGURES, "utf8")) as HeapFigures;
  if (figures.peakBytes <= committed.peakBytes * GROWTH_MAX) return done(figures);
  return failed(
    "heap_grew",
    `the heap's peak is ${figures.peakBytes} bytes, and was ${committed.peakBytes}`,
    "make it smaller, or commit what sim heap --json prints as docs/heap.json and say why",
    EXIT.failed,
  );
}

/** In days of two birds, which have all phases; the whole day has the last word. */
async function findSmallest({ peak, taken }: HeapWatch): Promise<number> {
  let { slots } = taken;
  let chunkBytes = Math.ceil(taken.chunkBytes * SEARCH.to);
  const suffices = async (visits: number) => {
    const passes = (await runHeapDay(visits, { slots, chunkBytes })) !== undefined;
    talk(`${slots} slots and ${chunkBytes} bytes of chunks ${passes ? "suffice" : "do not"}`);
    return passes;
  };
  await narrow(taken.slots, STEP.slots, (fewer) => {
    slots = fewer;
    return suffices(2);
  });
  await narrow(taken.chunkBytes, STEP.chunkBytes, (fewer) => {
    chunkBytes = fewer;
    return suffices(2);
  });
  while (!(await suffices(VISITS))) {
    slots += LARGER.slots;
    chunkBytes += LARGER.chunkBytes;
  }
  return slots * BOARD_SLOT_BYTES + chunkBytes - peak.surplusBytes;
}

/** Tries whole steps around `size`, and the least that is enough last. */
async function narrow(
  size: number,
  step: number,
  isEnough: (size: number) => Promise<boolean>,
): Promise<void> {
  let low = Math.floor((size * SEARCH.from) / step);
  let high = Math.ceil((size * SEARCH.to) / step);
  while (low + 1 < high) {
    const middle = Math.floor((low + high) / 2);
    if (await isEnough(middle * step)) high = middle;
    else low = middle;
  }
  if (!(await isEnough(high * step))) throw new Error(`${high * step} should be enough`);
}

export function heapText(figures: HeapFigures): string {
  const { peakBytes, budgetBytes, byPhase, smallestHeapBytes, baselineBytes } = figures;
  const share = (peakBytes / budgetBytes).toFixed(2);
  return [
    `peak ${peakBytes} bytes, ${share} of the budget of ${budgetBytes}`,
    ...Object.entries(byPhase).map(([phase, bytes]) => `  ${phase.padEnd(8)} ${bytes}`),
    ...(smallestHeapBytes === undefined ? [] : [`smallest heap ${smallestHeapBytes} bytes`]),
    `over ${baselineBytes} bytes of modules, which a board has in flash`,
    `not in it: ${figures.notCounted}`,
  ].join("\n");
}
