import { createHash } from "node:crypto";
import type { Random } from "../ports.ts";

/** Told apart from a JWT by sight, and found by scanners that look for leaked keys. */
const API_KEY = /^skf_([0-9a-f]{8})_[A-Za-z0-9_-]{43}$/;

export function makeApiKey(random: Random): { readonly id: string; readonly key: string } {
  const id = Buffer.from(random.bytes(4)).toString("hex");
  return { id, key: `skf_${id}_${Buffer.from(random.bytes(32)).toString("base64url")}` };
}

export function apiKeyId(text: string): string | undefined {
  return API_KEY.exec(text)?.[1];
}

/** Of a secret with 256 bits of chance in it: no salt and no slow hash makes that harder to guess. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
