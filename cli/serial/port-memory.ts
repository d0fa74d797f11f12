import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { parseRecord } from "../../protocol/json.ts";
import { makeFolders } from "../../server-min/machine/make-folders.ts";
import { readWhole, replaceWhole } from "../whole-file.ts";

const FILE_BYTES_MAX = 64 * 1024;

/** Where the XDG base directories say; a relative one does not count. */
function portFile(): string {
  const { XDG_STATE_HOME = "" } = process.env;
  const folder = isAbsolute(XDG_STATE_HOME) ? XDG_STATE_HOME : join(homedir(), ".local", "state");
  return join(folder, "skyfeeder", "port.json");
}

/** The port that was used last. */
export async function rememberedPort(): Promise<string | undefined> {
  const read = await readWhole(portFile(), FILE_BYTES_MAX);
  const kept = read.kind === "done" ? parseRecord(Buffer.from(read.value).toString()) : undefined;
  return typeof kept?.path === "string" ? kept.path : undefined;
}

/** It is a convenience: where it cannot be written, nothing is remembered. */
export async function rememberPort(path: string): Promise<void> {
  const file = portFile();
  await makeFolders(dirname(file), 0o700).catch(() => undefined);
  await replaceWhole(file, Buffer.from(`${JSON.stringify({ path })}\n`));
}
