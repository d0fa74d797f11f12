import { isPassphrase } from "../../protocol/wifi-credentials.ts";
import { EXIT } from "../failure.ts";
import { readSecret } from "../operator/typed-secret.ts";
import { done, failed, type Outcome } from "../outcome.ts";
import { readWhole } from "../whole-file.ts";
import type { Wanted } from "./provision.ts";

export interface ProvisionOptions {
  readonly port?: string;
  readonly ssid?: string;
  readonly passwordFile?: string;
  readonly name?: string;
  readonly server?: string;
  readonly json?: boolean;
}

/** A line of it is the password; more is another file. */
const PASSWORD_FILE_BYTES_MAX = 4_096;
const STDIN = "-";

/** The password's first line; undefined where no flag says where it is. */
export async function readPassword(file: string | undefined): Promise<Outcome<string | undefined>> {
  if (file === undefined) return done(undefined);
  const read = file === STDIN ? await readSecret("", true) : await firstLineOf(file);
  if (read.kind === "failed" || isPassphrase(read.value)) return read;
  const hint = "8 to 63 characters, or 64 hex digits; an empty file for an open network";
  return failed("password_length", "no network has such a password", hint, EXIT.usage);
}

async function firstLineOf(file: string): Promise<Outcome<string>> {
  const read = await readWhole(file, PASSWORD_FILE_BYTES_MAX);
  if (read.kind === "failed") return read;
  return done(Buffer.from(read.value).toString().split(/\r?\n/, 1)[0] ?? "");
}

/** Where nobody can be asked: all of it must be in the flags. */
export function wantedByFlags(
  { ssid, name, server }: ProvisionOptions,
  password: string | undefined,
): Outcome<Wanted> {
  if (ssid === undefined) {
    const hint = "--ssid NAME, the network that the feeder is to join";
    return failed("no_terminal", "there is no terminal to choose a network on", hint, EXIT.usage);
  }
  if (password === undefined) {
    const hint = "--password-file FILE, or - for standard input";
    return failed("no_terminal", "there is no terminal to type a password on", hint, EXIT.usage);
  }
  return done({
    name,
    serverUrl: server,
    askServer: async () => undefined,
    chooseNetwork: async () => done({ ssid, password }),
    tryAgain: async () => false,
  });
}
