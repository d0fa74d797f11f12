import { resolve } from "node:path";
import { makeSigningKey, readSigningKey } from "../../server-min/firmware/signing-key.ts";
import { EXIT } from "../failure.ts";
import { done, type Failed, failed, type Outcome } from "../outcome.ts";
import { createSecret, readWhole } from "../whole-file.ts";

/** The public half of a signing key: what firmware must be built with to trust it. */
export interface PublicKey {
  readonly file: string;
  readonly kid: string;
  /** For mcconfig's `updateKeys=`; several stand with a space between. */
  readonly updateKeys: string;
}

const KEY_BYTES_MAX = 64 * 1024;

export async function makeKeyFile(path: string): Promise<Outcome<PublicKey>> {
  const pem = makeSigningKey();
  const written = await createSecret(path, pem);
  return written.kind === "failed" ? written : publicKey(path, pem);
}

export async function readKeyFile(path: string): Promise<Outcome<PublicKey>> {
  const read = await readWhole(path, KEY_BYTES_MAX);
  return read.kind === "failed" ? read : publicKey(path, Buffer.from(read.value).toString());
}

function publicKey(path: string, pem: string): Outcome<PublicKey> {
  const key = readSigningKey(pem);
  if (key === undefined) return noKey(path);
  return done({ file: resolve(path), kid: key.kid, updateKeys: key.firmwareKey });
}

function noKey(path: string): Failed {
  const message = `${path} holds no P-256 private key in PEM without a password`;
  const hint = "npm run -s skyfeeder -- firmware keygen --out FILE";
  return failed("key_invalid", message, hint, EXIT.failed);
}

export function publicKeyText({ kid, updateKeys }: PublicKey): string {
  return `kid         ${kid}\nupdateKeys  ${updateKeys}`;
}
