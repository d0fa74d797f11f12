import { createHash } from "node:crypto";
import { OBJECT_BYTES_MAX } from "../../protocol/media.ts";
import type { ObjectWriter } from "../ports.ts";
import type { UploadGrant } from "../presign/upload-token.ts";
import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";

export interface Received {
  readonly kind: "received";
  readonly bytes: number;
  readonly sha256: string;
}

/** What the headers alone decide, before a byte of the body is read. */
export function checkUploadHeaders(
  headers: Headers,
  grant: UploadGrant,
): { readonly kind: "ok"; readonly lengthBytes: number } | Refusal {
  const length = headers.get("Content-Length");
  if (length === null) return refused("length_required");
  if (!/^\d{1,15}$/.test(length)) return refused("invalid_request", "Content-Length");
  const lengthBytes = Number(length);
  if (lengthBytes > Math.min(OBJECT_BYTES_MAX[grant.kind], grant.size ?? Infinity)) {
    return refused("body_too_large");
  }
  if (lengthBytes === 0 || lengthBytes !== (grant.size ?? lengthBytes)) {
    return refused("length_mismatch");
  }
  if (headers.get("Content-Type") !== grant.contentType) return refused("unsupported_media_type");
  return { kind: "ok", lengthBytes };
}

/** Streams the body into the writer, hashing as it goes; never reads past the announced length. */
export async function receiveObject(
  body: ReadableStream<Uint8Array> | null,
  announced: { readonly lengthBytes: number; readonly sha256?: string | undefined },
  writer: ObjectWriter,
): Promise<Received | Refusal> {
  if (body === null) return refused("length_mismatch");
  const hash = createHash("sha256");
  const reader = body.getReader();
  let bytes = 0;
  for (;;) {
    // A client that goes away fails the read; that is a short body, not a fault of the server.
    const part = await reader.read().catch(() => undefined);
    if (part === undefined) return refused("length_mismatch");
    if (part.done) break;
    bytes += part.value.length;
    if (bytes > announced.lengthBytes) return refused("length_mismatch");
    hash.update(part.value);
    await writer.write(part.value);
  }
  if (bytes !== announced.lengthBytes) return refused("length_mismatch");
  const sha256 = hash.digest("hex");
  if (sha256 !== (announced.sha256 ?? sha256)) return refused("sha256_mismatch");
  return { kind: "received", bytes, sha256 };
}
