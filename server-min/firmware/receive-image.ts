import { createHash } from "node:crypto";
import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";

/** 3.9 MB: what is left of 4 MB of flash behind bootloader and tables, and so more than any slot of two holds. */
export const IMAGE_BYTES_MAX = 0x3f0000;

export interface ReceivedImage {
  readonly kind: "received";
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

const TOO_LARGE = refused("body_too_large", `at most ${IMAGE_BYTES_MAX} bytes`);

/** What there must be room for before a byte is read; whoever does not say may send the most. */
export function imageBytes(
  headers: Headers,
): { readonly kind: "ok"; readonly bytes: number } | Refusal {
  const announced = headers.get("Content-Length") ?? String(IMAGE_BYTES_MAX);
  if (!/^\d{1,15}$/.test(announced)) return refused("invalid_request", "Content-Length");
  const bytes = Number(announced);
  return bytes > IMAGE_BYTES_MAX ? TOO_LARGE : { kind: "ok", bytes };
}

/** Kept in memory as it comes: its name in the store is its hash, which its last byte decides. */
export async function receiveImage(request: Request): Promise<ReceivedImage | Refusal> {
  const announced = request.headers.get("Content-Length");
  const hash = createHash("sha256");
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = request.body?.getReader();
  while (reader !== undefined) {
    // A client that goes away fails the read; that is a short body, not a fault of the server.
    const part = await reader.read().catch(() => undefined);
    if (part === undefined) return refused("length_mismatch");
    if (part.done) break;
    bytes += part.value.length;
    if (bytes > IMAGE_BYTES_MAX) return TOO_LARGE;
    hash.update(part.value);
    chunks.push(part.value);
  }
  if (announced !== null && Number(announced) !== bytes) return refused("length_mismatch");
  return { kind: "received", bytes: Buffer.concat(chunks), sha256: hash.digest("hex") };
}
