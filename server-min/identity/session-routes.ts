import type { Context } from "hono";
import { Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import * as v from "valibot";
import { readJson } from "../json-body.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { deleteSession, insertSession } from "../storage/sessions.ts";
import { addressOf } from "./address.ts";
import { isPassword } from "./admin-password.ts";
import { hashSecret } from "./api-key.ts";
import type { Audit } from "./audit.ts";
import { SESSION_COOKIE } from "./gate.ts";
import type { LoginLimit } from "./login-limit.ts";

const SESSION_SECONDS = 30 * 24 * 60 * 60;
/** There is one password, and one who has it. */
export const ADMIN = "admin";

export const LOGIN_BODY = v.object({ password: v.pipe(v.string(), v.maxLength(1_000)) });

/** The operator's log-in: a password for a cookie. */
export function sessionRoutes(ports: AppPorts, limit: LoginLimit, audit: Audit): Hono {
  const { sql, clock, random, settings } = ports;

  async function logIn(c: Context): Promise<Response> {
    const hash = settings.adminPasswordHash;
    if (hash === undefined) return problemAnswer(refused("not_found", "this server is open"));
    const body = await readJson(c.req.raw, LOGIN_BODY);
    if (body.kind === "refused") return problemAnswer(body);
    const address = addressOf(c);
    const waitMs = limit.waitMs(address);
    if (waitMs > 0) {
      const headers = { "Retry-After": String(Math.ceil(waitMs / 1000)) };
      return problemAnswer(refused("too_many_tries"), headers);
    }
    if (!isPassword(body.value.password, hash)) {
      limit.failed(address);
      await audit.note({ who: "nobody", action: "log_in_refused", target: address });
      return problemAnswer(refused("password_wrong"));
    }
    limit.succeeded(address);
    await openSession(c);
    await audit.note({ who: ADMIN, action: "log_in", target: address });
    return c.body(null, 204);
  }

  async function openSession(c: Context): Promise<void> {
    const token = Buffer.from(random.bytes(32)).toString("base64url");
    const nowMs = clock.nowMs();
    const expiresAtMs = nowMs + SESSION_SECONDS * 1000;
    await insertSession(sql, { hash: hashSecret(token), name: ADMIN, nowMs, expiresAtMs });
    setCookie(c, SESSION_COOKIE, token, {
      ...{ httpOnly: true, sameSite: "Strict", path: "/", maxAge: SESSION_SECONDS },
      secure: settings.publicUrl.startsWith("https:"),
    });
  }

  return new Hono()
    .post("/v1/session", logIn)
    .get("/v1/session", (c) => {
      const principal = c.get("principal");
      return principal === undefined ? problemAnswer(refused("token_missing")) : c.json(principal);
    })
    .delete("/v1/session", async (c) => {
      const token = getCookie(c, SESSION_COOKIE);
      if (token !== undefined) await deleteSession(sql, hashSecret(token));
      deleteCookie(c, SESSION_COOKIE, { path: "/" });
      return c.body(null, 204);
    });
}
