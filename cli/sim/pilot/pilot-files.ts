import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { EXIT } from "../../failure.ts";
import { type Failed, failed, type Outcome } from "../../outcome.ts";
import { replaceWhole } from "../../whole-file.ts";
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
  for (const path of [csv, html]) {
    const missing = path === undefined ? undefined : await missingFolder(path);
    if (missing !== undefined) return missing;
  }
  const { devices, days, visitsADay, seed } = options;
  const outcome = await runPilot(
    { devices, days, visitsADay, seed },
    { props: await buildProps(), progress: (line) => process.stderr.write(`${line}\n`) },
  );
  if (outcome.kind === "failed") return outcome;
  const { value } = outcome;
  if (csv !== undefined) {
    const written = await write(csv, pilotCsv(value.feeders));
    if (written !== undefined) return written;
  }
  if (html !== undefined) {
    const written = await write(html, pilotPage(value));
    if (written !== undefined) return written;
  }
  return outcome;
}

/** Asked before the pilot: it takes a minute, and would be lost. */
async function missingFolder(path: string): Promise<Failed | undefined> {
  const folder = dirname(path);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? undefined : unwritable(path, `there is no folder ${folder}`);
}

async function write(path: string, text: string): Promise<Failed | undefined> {
  const written = await replaceWhole(path, Buffer.from(text));
  return written.kind === "failed" ? unwritable(path, written.failure.message) : undefined;
}

function unwritable(path: string, why: string): Failed {
  const hint = "name a file in a folder that is there";
  return failed("report_unwritable", `cannot write ${path}: ${why}`, hint, EXIT.failed);
}
