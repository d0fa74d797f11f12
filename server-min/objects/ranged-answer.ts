import type { Context } from "hono";
import type { ObjectStore } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import type { ByteRange } from "./byte-range.ts";
import { parseByteRange } from "./byte-range.ts";
import { isNoneMatch, isRangeOf } from "./entity-tag.ts";

/** Bytes that never change under their name. */
export interface ImmutableObject {
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly contentType: string;
}

/** The part that a GET asks for (RFC 9110, 14.2); the whole where If-Range names other bytes than these. */
export function requestedRange(c: Context, { bytes, sha256 }: ImmutableObject): ByteRange {
  const isSame = isRangeOf(c.req.header("If-Range"), `"${sha256}"`);
  return parseByteRange(
    isSame && c.req.method === "GET" ? c.req.header("Range") : undefined,
    bytes,
  );
}

/** Answers a GET or HEAD of the object: 200, 206, 304 or 416. */
export async function answerRanged(
  c: Context,
  objects: ObjectStore,
  object: ImmutableObject,
): Promise<Response> {
  const etag = `"${object.sha256}"`;
  const headers: Record<string, string> = {
    "Content-Type": object.contentType,
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, max-age=31536000, immutable",
    ETag: etag,
  };
  if (!isNoneMatch(c.req.header("If-None-Match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  const range = requestedRange(c, object);
  if (range.kind === "unsatisfiable") {
    return problemAnswer(refused("invalid_range"), { "Content-Range": `bytes */${object.bytes}` });
  }
  const { firstByte, lastByte } = range;
  headers["Content-Length"] = String(lastByte - firstByte + 1);
  if (range.kind === "part") {
    headers["Content-Range"] = `bytes ${firstByte}-${lastByte}/${object.bytes}`;
  }
  const status = range.kind === "part" ? 206 : 200;
  // Nobody reads the body of a HEAD: opening the file for it would leave it open.
  if (c.req.method === "HEAD") return new Response(null, { status, headers });
  const body = await objects.read(object.key, firstByte, lastByte);
  return body === undefined
    ? problemAnswer(refused("not_found"))
    : new Response(body, { status, headers });
}
