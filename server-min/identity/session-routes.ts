import { Hono } from "hono";
import * as v from "valibot";
import { readJson } from "../json-body.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import type { LogIn, LogInRefusal } from "./log-in.ts";

export const LOGIN_BODY = v.object({ password: v.pipe(v.string(), v.maxLength(1_000)) });

/** The operator's log-in, as programs ask for it. */
export function sessionRoutes(logIn: LogIn): Hono {
  return new Hono()
    .post("/v1/session", async (c) => {
      const body = await readJson(c.req.raw, LOGIN_BODY);
      if (body.kind === "refused") return problemAnswer(body);
      const refusal = await logIn.enter(c, body.value.password);
      return refusal === undefined ? c.body(null, 204) : refusalAnswer(refusal);
    })
    .get("/v1/session", (c) => {
      const principal = c.get("principal");
      return principal === undefined ? problemAnswer(refused("token_missing")) : c.json(principal);
    })
    .delete("/v1/session", async (c) => {
      await logIn.leave(c);
      return c.body(null, 204);
    });
}

function refusalAnswer({ refusal, waitSeconds }: LogInRefusal): Response {
  return problemAnswer(refusal, waitSeconds > 0 ? { "Retry-After": String(waitSeconds) } : {});
}
