import type { FaultPlan } from "../../../host-sim/faults/fault.ts";
import type { RunTimeline } from "../../../host-sim/timeline.ts";
import { done, type Outcome } from "../../outcome.ts";
import type { RunResult } from "../run/run-scenario.ts";
import { htmlReport } from "./html-report.ts";
import { junitReport } from "./junit-report.ts";
import { writeReport } from "./report-files.ts";
import type { ReportTarget } from "./report-target.ts";

/** Runs and what is to be seen of some of them. */
export interface RunReport {
  readonly results: readonly RunResult[];
  readonly pictures: readonly RunPicture[];
}

/** A run as it was recorded; of a failure the one with the fewest faults. */
export interface RunPicture {
  readonly result: RunResult;
  readonly plan: FaultPlan;
  /** Undefined: it is what the seed draws. */
  readonly given: FaultPlan | undefined;
  /** Of what is seen: with fewer faults it is not that of the result. */
  readonly traceHash: string;
  readonly timeline: RunTimeline;
}

const FORMATS = { junit: junitReport, html: htmlReport } as const;

/** Answers the files it wrote, each in a folder that is there already. */
export async function writeReports(
  targets: readonly ReportTarget[],
  report: RunReport,
): Promise<Outcome<readonly string[]>> {
  for (const { format, path } of targets) {
    const unwritten = await writeReport(path, FORMATS[format](report));
    if (unwritten !== undefined) return unwritten;
  }
  return done(targets.map(({ path }) => path));
}
