import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  hashPassword,
  isPasswordHash,
  PASSWORD_CHARACTERS_MIN,
} from "../identity/admin-password.ts";
import { writeSecretFile } from "./secret-file.ts";

/** How the operator of this server proves to be one. */
export type AdminAccess =
  /** Nobody has to prove anything. */
  | { readonly kind: "open" }
  | { readonly kind: "password"; readonly hash: string; readonly made?: string };

export type AdminChoice =
  | AdminAccess
  | { readonly kind: "make" }
  | { readonly kind: "failed"; readonly reason: "insecure_bind" | "weak_password" };

const HASH_FILE = "admin-password";
/** 16 of 32 letters: 80 bits, and nothing that looks like another. */
const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
const LETTERS_OF_PASSWORD = 16;

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
  const file = join(dataDir, HASH_FILE);
  if (existsSync(file)) return { kind: "password", hash: readHash(file) };
  if (options.mayBeOpen) return { kind: "open" };
  return options.mayMakePassword ? { kind: "make" } : { kind: "failed", reason: "insecure_bind" };
}

/** Kept as a hash in the data folder, for every later start. */
export function makeAdminAccess(dataDir: string): AdminAccess {
  const made = makePassword();
  const hash = hashPassword(made, randomBytes(16));
  writeSecretFile(join(dataDir, HASH_FILE), `${hash}\n`);
  return { kind: "password", hash, made };
}

function readHash(file: string): string {
  const hash = readFileSync(file, "utf8").trim();
  if (!isPasswordHash(hash)) throw new Error(`${file} holds no password's hash: remove it`);
  return hash;
}

function makePassword(): string {
  const letters = [...randomBytes(LETTERS_OF_PASSWORD)].map((byte) => LETTERS[byte % 32]).join("");
  return letters.match(/.{4}/g)?.join("-") ?? letters;
}
