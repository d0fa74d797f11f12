import type { Context } from "hono";
import { Hono } from "hono";
import { parseObjectKey } from "../../protocol/object-key.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { objectByKey } from "../storage/stored-objects.ts";
import { parseByteRange } from "./byte-range.ts";
import { isNoneMatch, isRangeOf } from "./entity-tag.ts";

/** GET, HEAD /v1/objects/<key>: photos and clips. */
export function objectRoutes({ sql, objects }: AppPorts): Hono {
  async function answer(c: Context, key: string): Promise<Response> {
    if (parseObjectKey(key) === undefined) return problemAnswer(refused("invalid_key"));
    const object = await objectByKey(sql, key);
    if (object === undefined) return problemAnswer(refused("not_found"));
    const etag = `"${object.sha256}"`;
    const headers: Record<string, string> = {
      "Content-Type": object.content_type,
      "Accept-Ranges": "bytes",
      "Cache-Control": "private, max-age=31536000, immutable",
      ETag: etag,
    };
    if (!isNoneMatch(c.req.header("If-None-Match"), etag)) {
      return new Response(null, { status: 304, headers });
    }
    const isSame = isRangeOf(c.req.header("If-Range"), etag);
    const range = parseByteRange(isSame ? c.req.header("Range") : undefined, object.bytes);
    if (range.kind === "unsatisfiable") {
      return problemAnswer(refused("invalid_range"), {
        "Content-Range": `bytes */${object.bytes}`,
      });
    }
    const { firstByte, lastByte } = range;
    headers["Content-Length"] = String(lastByte - firstByte + 1);
    if (range.kind === "part") {
      headers["Content-Range"] = `bytes ${firstByte}-${lastByte}/${object.bytes}`;
    }
    const status = range.kind === "part" ? 206 : 200;
    // Nobody reads the body of a HEAD: opening the file for it would leave it open.
    if (c.req.method === "HEAD") return new Response(null, { status, headers });
    const body = await objects.read(key, firstByte, lastByte);
    return body === undefined
      ? problemAnswer(refused("not_found"))
      : new Response(body, { status, headers });
  }

  return new Hono().get("/v1/objects/:key{.+}", (c) => answer(c, c.req.param("key")));
}
