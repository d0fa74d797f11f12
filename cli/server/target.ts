import type { Command } from "commander";
import { apiKeyId } from "../../server-min/identity/api-key.ts";
import { EXIT } from "../failure.ts";
import { pathName } from "../option-values.ts";
import { done, failed, type Outcome } from "../outcome.ts";
import { readWhole } from "../whole-file.ts";
import { parseServer, type Target } from "./call.ts";
import { readCredentials } from "./credentials.ts";

export interface ServerOptions {
  readonly server: string;
  readonly apiKeyFile?: string;
  readonly json?: boolean;
}

const KEY_BYTES_MAX = 4 * 1024;
const KEY_VARIABLE = "SKYFEEDER_API_KEY";

/** A key itself is never an option: every process of a machine sees the others' options. */
export function withServerOptions(command: Command): Command {
  return command
    .option("--server <url>", "where the server is", "http://localhost:8080")
    .option("--api-key-file <file>", `a key for it; or in $${KEY_VARIABLE}, or log in`, pathName)
    .option("--json", "print one JSON value");
}

/** With a key from the file that was named, else of the environment, else from a log-in; an open server needs none. */
export async function findTarget(options: ServerOptions): Promise<Outcome<Target>> {
  const base = parseServer(options.server);
  if (base.kind === "failed") return base;
  const key = await findApiKey(base.value, options.apiKeyFile);
  if (key.kind === "failed") return key;
  return done({ base: base.value, credentials: bearer(key.value) });
}

export function bearer(key: string | undefined): Target["credentials"] {
  return key === undefined ? {} : { Authorization: `Bearer ${key}` };
}

async function findApiKey(
  base: URL,
  file: string | undefined,
): Promise<Outcome<string | undefined>> {
  if (file !== undefined) {
    const read = await readWhole(file, KEY_BYTES_MAX);
    return read.kind === "failed" ? read : checkKey(Buffer.from(read.value).toString(), file);
  }
  const given = process.env[KEY_VARIABLE];
  if (given !== undefined && given !== "") return checkKey(given, `$${KEY_VARIABLE}`);
  const kept = await readCredentials();
  return kept.kind === "failed" ? kept : done(kept.value[base.href]?.key);
}

function checkKey(text: string, source: string): Outcome<string> {
  const key = text.trim();
  if (apiKeyId(key) !== undefined) return done(key);
  const hint =
    "it looks like skf_1a2b3c4d_..., and is made by: npm run -s skyfeeder -- keys make NAME";
  return failed("key_invalid", `${source} holds no API key`, hint, EXIT.failed);
}
