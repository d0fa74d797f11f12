import { createHmac, timingSafeEqual } from "node:crypto";

/** HMAC-SHA256 of the text, base64url. */
export function signText(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("base64url");
}

/** Compares the text of the signature: base64url decodes several spellings to the same bytes. */
export function isSignature(secret: string, text: string, signature: string): boolean {
  const expected = Buffer.from(signText(secret, text));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

export function encodeText(text: string): string {
  return Buffer.from(text).toString("base64url");
}

export function decodeText(encoded: string): string {
  return Buffer.from(encoded, "base64url").toString();
}
