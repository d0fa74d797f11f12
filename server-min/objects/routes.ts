import { Hono } from "hono";
import { parseObjectKey } from "../../protocol/object-key.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { objectByKey } from "../storage/stored-objects.ts";
import { answerRanged } from "./ranged-answer.ts";

/** GET, HEAD /v1/objects/<key>: photos and clips. */
export function objectRoutes({ sql, objects }: AppPorts): Hono {
  return new Hono().get("/v1/objects/:key{.+}", async (c) => {
    const key = c.req.param("key");
    if (parseObjectKey(key) === undefined) return problemAnswer(refused("invalid_key"));
    const object = await objectByKey(sql, key);
    if (object === undefined) return problemAnswer(refused("not_found"));
    const { bytes, sha256, content_type: contentType } = object;
    return answerRanged(c, objects, { key, bytes, sha256, contentType });
  });
}
