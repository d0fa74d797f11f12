import { Hono } from "hono";
import * as v from "valibot";
import { readJson } from "../json-body.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer } from "../problem-answer.ts";
import { listApiKeys } from "../storage/api-keys.ts";
import type { ApiKeys } from "./api-keys.ts";
import { API_KEY_NAME } from "./api-keys.ts";

export const KEY_BODY = v.object({
  name: v.pipe(v.string(), v.regex(API_KEY_NAME, "not a key's name")),
});

/** Keys for programs of the operator, as such programs ask. */
export function apiKeyRoutes({ sql }: Pick<AppPorts, "sql">, apiKeys: ApiKeys): Hono {
  return new Hono()
    .get("/v1/api-keys", async (c) => c.json({ keys: await listApiKeys(sql) }))
    .post("/v1/api-keys", async (c) => {
      const body = await readJson(c.req.raw, KEY_BODY);
      if (body.kind === "refused") return problemAnswer(body);
      const made = await apiKeys.make(c, body.value.name);
      return "code" in made ? problemAnswer(made) : c.json(made, 201);
    })
    .delete("/v1/api-keys/:id", async (c) => {
      const refusal = await apiKeys.revoke(c, c.req.param("id"));
      return refusal === undefined ? c.body(null, 204) : problemAnswer(refusal);
    });
}
