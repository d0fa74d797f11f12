import { isRecord, parseRecord } from "../../protocol/json.ts";
import { decodeText, encodeText, isSignature, signText } from "../signature.ts";

/** JSON Web Tokens, HS256 only, in one event loop turn: WebCrypto answers at a time of its own choosing. */

export type JwtRefusal = "token_invalid" | "token_expired";

/** Of a token whose header names no key. */
const HEADER = { alg: "HS256", typ: "JWT" };

export function signJwt(
  secret: string,
  claims: Readonly<Record<string, unknown>>,
  lifetime: { readonly nowMs: number; readonly lifetimeSeconds: number },
  kid?: string,
): string {
  const header = encodeText(JSON.stringify(kid === undefined ? HEADER : { ...HEADER, kid }));
  const iat = Math.floor(lifetime.nowMs / 1000);
  const content = encodeText(
    JSON.stringify({ ...claims, iat, exp: iat + lifetime.lifetimeSeconds }),
  );
  return `${header}.${content}.${signText(secret, `${header}.${content}`)}`;
}

/** A token without `exp` does not expire: the first stack's clients sign such ones themselves. */
export function verifyJwt(
  secret: string,
  token: string,
  nowMs: number,
): Record<string, unknown> | JwtRefusal {
  const [header = "", content = "", signature = "", ...rest] = token.split(".");
  if (rest.length > 0 || !isSignature(secret, `${header}.${content}`, signature)) {
    return "token_invalid";
  }
  if (parseRecord(decodeText(header))?.alg !== "HS256") return "token_invalid";
  const claims = parseRecord(decodeText(content));
  if (!isRecord(claims)) return "token_invalid";
  const { exp } = claims;
  if (exp === undefined) return claims;
  if (typeof exp !== "number") return "token_invalid";
  return nowMs < exp * 1000 ? claims : "token_expired";
}

/** Which key the token says signed it; nothing of it is proven yet. */
export function keyIdOf(token: string): unknown {
  return parseRecord(decodeText(token.split(".", 1)[0] ?? ""))?.kid;
}
