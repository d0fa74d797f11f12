import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Kysely } from "kysely";
import {
  hashPassword,
  isPasswordHash,
  PASSWORD_CHARACTERS_MIN,
} from "../identity/admin-password.ts";
import type { Database } from "../storage/schema.ts";
import { deleteSessionsBefore } from "../storage/sessions.ts";
import { writeSecretFile } from "./secret-file.ts";

/** How the operator of this server proves to be one. */
export type AdminAccess =
  /** Nobody has to prove anything. */
  | { readonly kind: "open" }
  | {
      readonly kind: "password";
      readonly hash: string;
      readonly made?: string;
      /** Whoever logged in before did so with another one; unknown for one that is told at every start. */
      readonly setAtMs?: number;
    };

export type AdminChoice =
  | AdminAccess
  | { readonly kind: "make" }
  | { readonly kind: "failed"; readonly reason: AdminRefusal };

export type AdminRefusal = "insecure_bind" | "weak_password" | "password_file_damaged";

/** 16 of 32 letters: 80 bits, and nothing that looks like another. */
const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
const LETTERS_OF_PASSWORD = 16;

/** Where a data folder has the hash of its operator's password. */
export function passwordHashFile(dataDir: string): string {
  return join(dataDir, "admin-password");
}

/** The password that was given; else the one made at the first start; else one is to be made, when somebody can read it. */
export function chooseAdminAccess(options: {
  readonly password: string | undefined;
  readonly dataDir: string;
  readonly mayBeOpen: boolean;
  readonly mayMakePassword: boolean;
}): AdminChoice {
  const { password, dataDir } = options;
  if (password !== undefined) {
    return password.length < PASSWORD_CHARACTERS_MIN
      ? { kind: "failed", reason: "weak_password" }
      : { kind: "password", hash: hashPassword(password, randomBytes(16)) };
  }
  const file = passwordHashFile(dataDir);
  if (existsSync(file)) {
    const hash = readFileSync(file, "utf8").trim();
    // Without one the server would be open.
    if (!isPasswordHash(hash)) return { kind: "failed", reason: "password_file_damaged" };
    return { kind: "password", hash, setAtMs: Math.floor(statSync(file).mtimeMs) };
  }
  if (options.mayBeOpen) return { kind: "open" };
  return options.mayMakePassword ? { kind: "make" } : { kind: "failed", reason: "insecure_bind" };
}

/** Makes the password that is to be made, and ends the sessions of the one before this. */
export async function openAdminAccess(
  choice: AdminAccess | { readonly kind: "make" },
  dataDir: string,
  sql: Kysely<Database>,
): Promise<AdminAccess> {
  const admin = choice.kind === "make" ? makeAdminAccess(dataDir) : choice;
  const setAtMs = admin.kind === "password" ? admin.setAtMs : undefined;
  if (setAtMs !== undefined) await deleteSessionsBefore(sql, setAtMs);
  return admin;
}

/** Kept as a hash in the data folder, for every later start. */
function makeAdminAccess(dataDir: string): AdminAccess {
  const made = makePassword();
  const hash = hashPassword(made, randomBytes(16));
  writeSecretFile(passwordHashFile(dataDir), `${hash}\n`);
  return { kind: "password", hash, made };
}

function makePassword(): string {
  const letters = [...randomBytes(LETTERS_OF_PASSWORD)].map((byte) => LETTERS[byte % 32]).join("");
  return letters.match(/.{4}/g)?.join("-") ?? letters;
}
