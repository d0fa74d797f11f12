import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { hashPassword, PASSWORD_CHARACTERS_MIN } from "../../server-min/identity/admin-password.ts";
import { passwordHashFile } from "../../server-min/machine/admin-access.ts";
import { makeFolders } from "../../server-min/machine/make-folders.ts";
import { EXIT } from "../failure.ts";
import { done, failed, type Outcome, printOutcome } from "../outcome.ts";
import { readSettings } from "../start-settings.ts";
import { replaceSecret } from "../whole-file.ts";
import { readSecret } from "./typed-secret.ts";

export interface PasswordOptions {
  readonly data?: string;
  readonly config?: string;
  readonly stdin?: boolean;
  readonly json?: boolean;
}

interface PasswordSet {
  readonly file: string;
  /** Where a server of these settings takes its password from, in place of the file. */
  readonly overriddenBy: string | null;
}

const HINT = "--data FOLDER, one that you may write to";

export async function runPassword(options: PasswordOptions): Promise<void> {
  printOutcome(await setPassword(options), options.json, passwordText);
}

async function setPassword(options: PasswordOptions): Promise<Outcome<PasswordSet>> {
  const settings = readSettings(options.config);
  if (settings.kind === "failed") return settings;
  const password = await choosePassword(options.stdin);
  if (password.kind === "failed") return password;
  const dataDir = resolve(options.data ?? settings.value?.dataDir ?? "./data");
  // A folder that cannot be made is told when the file is written.
  await makeFolders(dataDir).catch(() => undefined);
  const hash = hashPassword(password.value, randomBytes(16));
  const written = await replaceSecret(passwordHashFile(dataDir), `${hash}\n`, HINT);
  if (written.kind === "failed") return written;
  const overriddenBy = settings.value?.adminPasswordFile ?? environmentName() ?? null;
  return done({ file: written.value, overriddenBy });
}

async function choosePassword(fromStdin: boolean | undefined): Promise<Outcome<string>> {
  const first = await readSecret("New password: ", fromStdin);
  if (first.kind === "failed") return first;
  if (first.value.length < PASSWORD_CHARACTERS_MIN) {
    const message = `the password has fewer than ${PASSWORD_CHARACTERS_MIN} characters`;
    return failed("weak_password", message, "choose a longer one", EXIT.usage);
  }
  if (fromStdin === true) return first;
  const second = await readSecret("The same again: ", false);
  if (second.kind === "failed" || second.value === first.value) return second;
  return failed("password_mismatch", "the two are not the same", "type it again", EXIT.usage);
}

function environmentName(): string | undefined {
  const name = "SKYFEEDER_ADMIN_PASSWORD";
  return process.env[name] === undefined ? undefined : `$${name}`;
}

function passwordText({ file, overriddenBy }: PasswordSet): string {
  const lines = [
    `The password is set, as a hash in ${file}.`,
    "A server that runs takes it at its next start, and then whoever was logged in has to log in again.",
  ];
  if (overriddenBy !== null) lines.push(`But a server started here takes that of ${overriddenBy}.`);
  return lines.join("\n");
}
