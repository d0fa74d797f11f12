import type { InferOutput } from "valibot";
import { is, number, object, optional, picklist, string } from "valibot";
import { parseJson } from "../../protocol/json.ts";
import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";
import { decodeText, encodeText, isSignature, signText } from "../signature.ts";

const GRANT = object({
  key: string(),
  deviceId: string(),
  captureId: string(),
  kind: picklist(["photos", "clips"]),
  contentType: string(),
  size: optional(number()),
  sha256: optional(string()),
  capturedAtMs: number(),
  expiresAtMs: number(),
});

/** The permission to store one object, once decided; it travels through the client, signed. */
export type UploadGrant = InferOutput<typeof GRANT>;

export function signGrant(secret: string, grant: UploadGrant): string {
  const content = encodeText(JSON.stringify(grant));
  return `${content}.${signText(secret, content)}`;
}

export function readGrant(
  secret: string,
  token: string,
  nowMs: number,
): { readonly kind: "granted"; readonly grant: UploadGrant } | Refusal {
  const [content = "", signature = "", ...rest] = token.split(".");
  // The signature comes first: nothing of an unsigned token is parsed.
  if (rest.length > 0 || !isSignature(secret, content, signature)) {
    return refused("upload_token_invalid");
  }
  const grant = parseJson(decodeText(content));
  if (!is(GRANT, grant)) return refused("upload_token_invalid");
  return nowMs < grant.expiresAtMs ? { kind: "granted", grant } : refused("upload_token_expired");
}
