import { Hono } from "hono";
import { parseObjectKey } from "../../protocol/object-key.ts";
import { mayWatch } from "../identity/principal.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { objectByKey } from "../storage/stored-objects.ts";
import { answerRanged } from "./ranged-answer.ts";

/** GET, HEAD /v1/objects/<key>: photos and clips. */
export function objectRoutes({ sql, objects }: AppPorts): Hono {
  return new Hono().get("/v1/objects/:key{.+}", async (c) => {
    const key = c.req.param("key");
    const parts = parseObjectKey(key);
    if (parts === undefined) return problemAnswer(refused("invalid_key"));
    const refusal = mayWatch(c.get("principal"), parts.deviceId);
    if (refusal !== undefined) return problemAnswer(refusal);
    const object = await objectByKey(sql, key);
    if (object === undefined) return problemAnswer(refused("not_found"));
    const { bytes, sha256, content_type: contentType } = object;
    return answerRanged(c, objects, { key, bytes, sha256, contentType });
  });
}
