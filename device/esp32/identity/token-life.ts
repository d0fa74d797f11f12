import { decodeBase64urlAscii } from "../../../protocol/base64url.ts";
import { parseRecord } from "../../../protocol/json.ts";

/** Milliseconds since the epoch, by the clock of the server that signed it. */
export interface TokenLife {
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** What a token says of itself (RFC 7519, 4.1); undefined for one that does not. Whether it is true is for the server. */
export function readTokenLife(token: string): TokenLife | undefined {
  const [, claims = ""] = token.split(".");
  const { iat, exp } = parseRecord(decodeBase64urlAscii(claims) ?? "") ?? {};
  if (typeof iat !== "number" || typeof exp !== "number") return undefined;
  return { issuedAtMs: iat * 1000, expiresAtMs: exp * 1000 };
}

/** In its last half. */
export function isRenewalDue({ issuedAtMs, expiresAtMs }: TokenLife, nowMs: number): boolean {
  return nowMs > (issuedAtMs + expiresAtMs) / 2;
}
