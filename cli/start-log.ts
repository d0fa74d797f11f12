import { pino } from "pino";
import type { ServerLog } from "../server-min/machine/server-log.ts";
import { jsonLog, textLog } from "../server-min/machine/server-log.ts";
import type { SettingsFile } from "../server-min/machine/settings-file.ts";

const STANDARD_ERROR = 2;
/** A reader that stopped reading must not cost the server its memory: what does not fit is lost. */
const UNREAD_BYTES_MAX = 8 * 1024 * 1024;

/** Talk for a person at a terminal, JSON for whatever else reads standard error. */
export function openStartLog({ format, level }: NonNullable<SettingsFile["log"]> = {}): ServerLog {
  const isText = format === undefined ? process.stderr.isTTY : format === "text";
  if (isText) return textLog((line) => void process.stderr.write(`${line}\n`), level);
  const output = pino.destination({
    dest: STANDARD_ERROR,
    sync: false,
    maxLength: UNREAD_BYTES_MAX,
  });
  // Whoever read the log is gone; the feeders are not.
  output.on("error", () => {});
  return jsonLog(output, level);
}
