import { Hono } from "hono";
import * as v from "valibot";
import { readJson } from "../json-body.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { insertApiKey, listApiKeys, revokeApiKey } from "../storage/api-keys.ts";
import { hashSecret, makeApiKey } from "./api-key.ts";
import type { Audit } from "./audit.ts";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._ -]{0,63}$/;
export const KEY_BODY = v.object({ name: v.pipe(v.string(), v.regex(NAME, "not a key's name")) });

/** Keys for programs of the operator. A key is told once, when it is made. */
export function apiKeyRoutes({ sql, clock, random }: AppPorts, audit: Audit): Hono {
  return new Hono()
    .get("/v1/api-keys", async (c) => c.json({ keys: await listApiKeys(sql) }))
    .post("/v1/api-keys", async (c) => {
      const body = await readJson(c.req.raw, KEY_BODY);
      if (body.kind === "refused") return problemAnswer(body);
      const { name } = body.value;
      const { id, key } = makeApiKey(random);
      const made = await insertApiKey(sql, {
        ...{ id, name, hash: hashSecret(key), nowMs: clock.nowMs() },
      });
      if (!made) return problemAnswer(refused("name_taken", "a key of this name exists"));
      await audit.did(c, { action: "make_api_key", target: id, after: { name } });
      return c.json({ id, name, key }, 201);
    })
    .delete("/v1/api-keys/:id", async (c) => {
      const id = c.req.param("id");
      const name = await revokeApiKey(sql, id, clock.nowMs());
      if (name === undefined) return problemAnswer(refused("not_found"));
      await audit.did(c, { action: "revoke_api_key", target: id, before: { name } });
      return c.body(null, 204);
    });
}
