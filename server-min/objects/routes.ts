import { Hono } from "hono";
import { parseObjectKey } from "../../protocol/object-key.ts";
import { mayWatch } from "../identity/principal.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { objectByKey } from "../storage/stored-objects.ts";
import { answerRanged } from "./ranged-answer.ts";

/** A browser asks again while the address it was sent to is still good. */
const REDIRECT_SHARE = 0.5;

/** GET, HEAD /v1/objects/<key>: photos and clips; from a store that clients read themselves, its signed address. */
export function objectRoutes({ sql, objects }: AppPorts): Hono {
  return new Hono().get("/v1/objects/:key{.+}", async (c) => {
    const key = c.req.param("key");
    const parts = parseObjectKey(key);
    if (parts === undefined) return problemAnswer(refused("invalid_key"));
    c.set("deviceId", parts.deviceId);
    const refusal = mayWatch(c.get("principal"), parts.deviceId);
    if (refusal !== undefined) return problemAnswer(refusal);
    const object = await objectByKey(sql, key);
    if (object === undefined) return problemAnswer(refused("not_found"));
    const { bytes, sha256, content_type: contentType } = object;
    if (objects.direct === undefined || c.req.method === "HEAD") {
      return answerRanged(c, objects, { key, bytes, sha256, contentType });
    }
    const { url, expiresInSeconds } = await objects.direct.signDownload(key, contentType);
    c.header("Cache-Control", `private, max-age=${expiresInSeconds * REDIRECT_SHARE}`);
    return c.redirect(url, 302);
  });
}
