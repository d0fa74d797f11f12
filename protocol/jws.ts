import { decodeBase64url, decodeBase64urlAscii } from "./base64url.ts";
import { parseRecord } from "./json.ts";

/** A JWS in compact form (RFC 7515), taken apart; nothing of it is trusted before its signature was verified. */
export interface CompactJws {
  /** RFC 7638 thumbprint of the key that should have signed. */
  readonly kid: string;
  /** ASCII: what the signature is of. */
  readonly signingInput: string;
  /** r and s, 32 bytes each (RFC 7518, section 3.4). */
  readonly signature: Uint8Array<ArrayBuffer>;
  /** ASCII JSON. */
  readonly payload: string;
}

/** `typ` of a manifest: a key that signs other things too cannot be made to vouch for an image (RFC 8725, 3.11). */
export const UPDATE_JWS_TYPE = "skyfeeder-update+jws";

/** A manifest with the longest notes; with its address it fits a value of NVS, which has 4,000 bytes. */
export const JWS_CHARACTERS_MAX = 2_560;
const ES256_SIGNATURE_BYTES = 64;

/** Undefined for what is no manifest's JWS with ES256 and a key id, or has a header we must understand (`crit`). */
export function parseCompactJws(text: string): CompactJws | undefined {
  if (text.length > JWS_CHARACTERS_MAX) return undefined;
  const [header = "", payload = "", signature = "", ...rest] = text.split(".");
  if (rest.length > 0) return undefined;
  const fields = parseRecord(decodeBase64urlAscii(header) ?? "");
  if (fields?.alg !== "ES256" || fields.typ !== UPDATE_JWS_TYPE || "crit" in fields) {
    return undefined;
  }
  const signatureBytes = decodeBase64url(signature);
  const payloadText = decodeBase64urlAscii(payload);
  if (typeof fields.kid !== "string" || payloadText === undefined) return undefined;
  if (signatureBytes?.length !== ES256_SIGNATURE_BYTES) return undefined;
  return {
    kid: fields.kid,
    signingInput: `${header}.${payload}`,
    signature: signatureBytes,
    payload: payloadText,
  };
}
