import type { Outcome } from "../../outcome.ts";
import { refuseReports, writeReport } from "../report/report-files.ts";
import { buildProps } from "../scenario-props.ts";
import { type PilotOptions, runPilot } from "./pilot.ts";
import { pilotCsv } from "./pilot-csv.ts";
import { pilotPage } from "./pilot-page.ts";
import type { PilotReport } from "./pilot-report.ts";

interface PilotFiles {
  readonly csv?: string;
  readonly html?: string;
}

/** Runs the pilot and leaves its files, as far as they were asked for. */
export async function pilotCommand(
  options: PilotOptions,
  { csv, html }: PilotFiles,
): Promise<Outcome<PilotReport>> {
  const refused = await refuseReports([csv, html].filter((path) => path !== undefined));
  if (refused !== undefined) return refused;
  const { devices, days, visitsADay, seed } = options;
  const outcome = await runPilot(
    { devices, days, visitsADay, seed },
    { props: await buildProps(), progress: (line) => process.stderr.write(`${line}\n`) },
  );
  if (outcome.kind === "failed") return outcome;
  const { value } = outcome;
  const unwritten =
    (csv === undefined ? undefined : await writeReport(csv, pilotCsv(value.feeders))) ??
    (html === undefined ? undefined : await writeReport(html, pilotPage(value)));
  return unwritten ?? outcome;
}
