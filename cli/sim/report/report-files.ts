import { resolve } from "node:path";
import { EXIT } from "../../failure.ts";
import { type Failed, failed } from "../../outcome.ts";
import { checkReplaceable, replaceWhole } from "../../whole-file.ts";

const HINT = "name a file in a folder that is there and that you may write to";

/** Asked before hours of play, not after: what they found would be lost. */
export async function refuseReports(paths: readonly string[]): Promise<Failed | undefined> {
  if (new Set(paths.map((path) => resolve(path))).size < paths.length) {
    const message = "two reports would be written to one file";
    return failed("usage", message, "name a file for each", EXIT.usage);
  }
  for (const path of paths) {
    const checked = await checkReplaceable(path);
    if (checked.kind === "failed") return unwritable(checked);
  }
  return undefined;
}

/** Each appears whole; answers why one could not be written. */
export async function writeReport(path: string, text: string): Promise<Failed | undefined> {
  const written = await replaceWhole(path, new TextEncoder().encode(text));
  return written.kind === "failed" ? unwritable(written) : undefined;
}

function unwritable({ failure: { message } }: Failed): Failed {
  return failed("report_unwritable", message, HINT, EXIT.failed);
}
