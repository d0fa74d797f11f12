import { EXIT } from "../../failure.ts";
import { done, failed, type Outcome } from "../../outcome.ts";
import { type SweepResult, sweepPowerCuts } from "./power-cut-sweep.ts";
import { type JournalKind, recordUpdate } from "./update-journal.ts";

export interface SweepUpdateOptions {
  readonly imageBytes: number;
  readonly recoverEvery: number;
  readonly cutAgainEvery: number;
  readonly seed: number;
  readonly json?: boolean;
}

export interface UpdateSweep extends Omit<SweepResult, "faults"> {
  readonly imageBytes: number;
  readonly seed: number;
}

const KINDS: readonly JournalKind[] = ["first", "next"];

/** Both directions: the first update of a board into its second slot, and the next one back into the first. */
export async function sweepUpdate(options: SweepUpdateOptions): Promise<Outcome<UpdateSweep>> {
  const { imageBytes, seed } = options;
  const results: SweepResult[] = [];
  for (const kind of KINDS) {
    talk(`${kind} update: recording`);
    const journal = await recordUpdate(kind, imageBytes, seed);
    const progress = reportProgress(kind);
    const result = await sweepPowerCuts(journal, journal.operations, { ...options, progress });
    const [fault] = result.faults;
    if (fault !== undefined) {
      const message = `${kind} update, power cut ${fault.phase} operation ${fault.operation}: it ${fault.fault}`;
      const hint = `the same again: --seed ${seed} --image-bytes ${imageBytes}`;
      return failed("sweep_failed", message, hint, EXIT.failed);
    }
    results.push(result);
  }
  const sum = (of: (result: SweepResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  return done({
    points: sum(({ points }) => points),
    bootable: sum(({ bootable }) => bootable),
    recoveries: sum(({ recoveries }) => recoveries),
    recovered: sum(({ recovered }) => recovered),
    sequenceFell: sum(({ sequenceFell }) => sequenceFell),
    operations: sum(({ operations }) => operations),
    wallMs: Math.round(sum(({ wallMs }) => wallMs)),
    recoveryWallMs: Math.round(sum(({ recoveryWallMs }) => recoveryWallMs)),
    imageBytes,
    seed,
  });
}

/** A line each tenth. */
function reportProgress(kind: JournalKind): (finished: number, total: number) => void {
  let told = 0;
  return (finished, total) => {
    const tenths = Math.floor((10 * finished) / total);
    if (tenths === told) return;
    told = tenths;
    talk(`${kind} update: ${tenths * 10} % of ${total} operations`);
  };
}

function talk(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function sweepText(sweep: UpdateSweep): string {
  const { points, operations, bootable, recoveries, recovered, sequenceFell } = sweep;
  return [
    `${points} power cuts in ${operations} flash operations (image of ${sweep.imageBytes} bytes)`,
    `${bootable} boot; in ${sequenceFell} the sequence fell`,
    recoveries === 0
      ? "recovery was not asked for (--recover-every)"
      : `${recovered} of ${recoveries} tried ended with the new image, in ${(sweep.recoveryWallMs / 1_000).toFixed(1)} s`,
    `${(sweep.wallMs / 1_000).toFixed(1)} s for the cuts`,
  ].join("\n");
}
