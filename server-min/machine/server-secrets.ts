import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import * as v from "valibot";
import { parseJson } from "../../protocol/json.ts";
import type { TokenKey } from "../identity/device-token.ts";
import { writeSecretFile } from "./secret-file.ts";

const SECRET = v.pipe(v.string(), v.minLength(32));

const FILE = v.object({
  uploadSecret: SECRET,
  relaySecret: SECRET,
  /** A folder of an older server has none. */
  tokenKeys: v.optional(
    v.pipe(
      v.array(v.object({ kid: v.pipe(v.string(), v.nonEmpty()), secret: SECRET })),
      v.minLength(1),
    ),
  ),
});

export interface ServerSecrets {
  readonly uploadSecret: string;
  readonly relaySecret: string;
  readonly tokenKeys: readonly TokenKey[];
}

/** Made once: links and tokens given out before a restart stay good after it. Throws for a file that is not usable. */
export function loadSecrets(path: string): ServerSecrets {
  const kept = existsSync(path) ? readSecrets(path) : undefined;
  const { uploadSecret = makeSecret(), relaySecret = makeSecret() } = kept ?? {};
  const tokenKeys = kept?.tokenKeys ?? [makeTokenKey()];
  const secrets = { uploadSecret, relaySecret, tokenKeys };
  if (kept?.tokenKeys === undefined) writeSecretFile(path, JSON.stringify(secrets));
  return secrets;
}

function readSecrets(path: string): v.InferOutput<typeof FILE> {
  const checked = v.safeParse(FILE, parseJson(readFileSync(path, "utf8")));
  if (checked.success) return checked.output;
  const [issue] = checked.issues;
  throw new Error(`${path}: ${v.getDotPath(issue) ?? "the file"}: not readable`);
}

function makeTokenKey(): TokenKey {
  return { kid: randomBytes(4).toString("hex"), secret: makeSecret() };
}

function makeSecret(): string {
  return randomBytes(32).toString("base64url");
}
