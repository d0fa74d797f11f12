import { EXIT } from "../failure.ts";
import type { Outcome } from "../outcome.ts";
import { done, failed } from "../outcome.ts";
import { readSettings } from "../start-settings.ts";

export interface FolderOptions {
  readonly data?: string;
  readonly config?: string;
}

/** Where the server keeps what it keeps: the folder that is named, else the one of its settings, as `start` finds them. */
export function keptFolder({ data, config }: FolderOptions): Outcome<string> {
  if (data !== undefined) return done(data);
  const read = readSettings(config);
  if (read.kind === "failed") return read;
  const { database, objects, dataDir = "./data" } = read.value ?? {};
  if (database === undefined && objects === undefined) return done(dataDir);
  const place =
    database === undefined ? "its photos are in a bucket" : "its tables are in PostgreSQL";
  const message = `the settings name a server that keeps not all in its folder: ${place}`;
  const hint = "use the tools of that store; --data FOLDER is for what a folder holds whole";
  return failed("kept_elsewhere", message, hint, EXIT.usage);
}
