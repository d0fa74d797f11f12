import { isFirmwareKey } from "../../server-min/firmware/signing-key.ts";
import { EXIT } from "../failure.ts";
import { done, failed, type Outcome } from "../outcome.ts";
import { readKeyFile } from "./signing-key-file.ts";

/** Public keys for an image: each as `firmware key` prints it, or the file of a signing key. */
export interface KeyOptions {
  readonly updateKeys?: readonly string[];
  readonly developmentKey?: string;
}

/** The values of mc/config that name who may sign updates. */
export async function keyConfig(options: KeyOptions): Promise<Outcome<Record<string, string>>> {
  const { updateKeys = [], developmentKey } = options;
  const config: Record<string, string> = {};
  for (const text of updateKeys.flatMap(listed)) {
    const key = await firmwareKey(text);
    if (key.kind === "failed") return key;
    config.updateKeys = [config.updateKeys, key.value].join(" ").trim();
  }
  if (developmentKey !== undefined) {
    const key = await firmwareKey(developmentKey);
    if (key.kind === "failed") return key;
    config.developmentKey = key.value;
  }
  return done(config);
}

/** A whole `updateKeys=` value in one argument, as mcconfig takes it, is as good as one key in each. */
function listed(text: string): readonly string[] {
  const keys = text.split(" ");
  return keys.every(isFirmwareKey) ? keys : [text];
}

async function firmwareKey(text: string): Promise<Outcome<string>> {
  if (isFirmwareKey(text)) return done(text);
  const read = await readKeyFile(text);
  if (read.kind === "done") return done(read.value.updateKeys);
  if (read.failure.code !== "file_not_found") return read;
  const hint = "npm run -s skyfeeder -- firmware key FILE prints a public key";
  const message = `${text} is no public key, and no file with a signing key`;
  return failed("key_not_found", message, hint, EXIT.notFound);
}
