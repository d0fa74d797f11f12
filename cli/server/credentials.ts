import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import * as v from "valibot";
import { parseRecord } from "../../protocol/json.ts";
import { makeFolders } from "../../server-min/machine/make-folders.ts";
import { EXIT } from "../failure.ts";
import { done, failed, type Outcome } from "../outcome.ts";
import { readWhole, replaceSecret } from "../whole-file.ts";

/** What `skyfeeder login` left: a key for each server. */
const CREDENTIALS = v.record(v.string(), v.object({ id: v.string(), key: v.string() }));
export type Credentials = v.InferOutput<typeof CREDENTIALS>;

const FILE_BYTES_MAX = 1024 * 1024;

/** Where the XDG base directories say; a relative one does not count. */
export function credentialsFile(): string {
  const { XDG_CONFIG_HOME = "" } = process.env;
  const folder = isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : join(homedir(), ".config");
  return join(folder, "skyfeeder", "credentials.json");
}

export async function readCredentials(): Promise<Outcome<Credentials>> {
  const file = credentialsFile();
  const read = await readWhole(file, FILE_BYTES_MAX);
  if (read.kind === "failed") return read.failure.code === "file_not_found" ? done({}) : read;
  const checked = v.safeParse(CREDENTIALS, parseRecord(Buffer.from(read.value).toString()));
  if (checked.success) return done(checked.output);
  const hint = "remove it, and log in again";
  return failed("credentials_unreadable", `${file} is not readable`, hint, EXIT.failed);
}

export async function writeCredentials(credentials: Credentials): Promise<Outcome<string>> {
  const file = credentialsFile();
  // A folder that cannot be made is told when the file is written.
  await makeFolders(dirname(file), 0o700).catch(() => undefined);
  const hint = "name a folder that you may write to in $XDG_CONFIG_HOME";
  return replaceSecret(file, `${JSON.stringify(credentials, undefined, 2)}\n`, hint);
}
