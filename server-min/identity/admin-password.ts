import { scryptSync, timingSafeEqual } from "node:crypto";

/** 16 MB and some 50 ms a try (RFC 7914's parameters for interactive log-ins). */
const COST = { N: 16_384, r: 8, p: 1 };
const HASH_BYTES = 32;
const HASH = /^scrypt:([\w-]{22}):([\w-]{43})$/;

export const PASSWORD_CHARACTERS_MIN = 8;
/** Longer ones only cost time. */
const PASSWORD_CHARACTERS_MAX = 1_000;

/** As it is kept; `salt` is 16 random bytes. */
export function hashPassword(password: string, salt: Uint8Array): string {
  const hash = scryptSync(password.normalize("NFC"), salt, HASH_BYTES, COST);
  return `scrypt:${Buffer.from(salt).toString("base64url")}:${hash.toString("base64url")}`;
}

export function isPasswordHash(text: string): boolean {
  return HASH.test(text);
}

export function isPassword(password: string, hash: string): boolean {
  const [, salt = "", expected = ""] = HASH.exec(hash) ?? [];
  if (password.length > PASSWORD_CHARACTERS_MAX) return false;
  const given = hashPassword(password, Buffer.from(salt, "base64url"));
  const [, , actual = ""] = HASH.exec(given) ?? [];
  return expected !== "" && timingSafeEqual(Buffer.from(actual), Buffer.from(expected));
}
