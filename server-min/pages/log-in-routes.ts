import type { Context } from "hono";
import { Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import * as v from "valibot";
import { PROBLEM_STATUS } from "../../protocol/problem.ts";
import { readForm } from "../form-body.ts";
import { identifySession } from "../identity/gate.ts";
import type { LogIn } from "../identity/log-in.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer } from "../problem-answer.ts";
import { answerPage } from "./document.ts";
import type { LogInTrouble } from "./log-in-page.ts";
import { logInPage, openServerPage } from "./log-in-page.ts";

const FORM = v.object({ password: v.pipe(v.string(), v.maxLength(1_000)) });

/** A log-in without script: GET and POST /login, POST /logout. */
export function logInRoutes(ports: AppPorts, logIn: LogIn): Hono {
  const isOpen = ports.settings.adminPasswordHash === undefined;

  return new Hono()
    .get("/login", async (c) => {
      if (isOpen) return answerPage(c, 404, openServerPage());
      const principal = await identifySession(ports, c);
      return "code" in principal ? answerPage(c, 200, logInPage()) : c.redirect(placeAfter(c), 303);
    })
    .post("/login", async (c) => {
      if (isOpen) return answerPage(c, 404, openServerPage());
      const form = await readForm(c.req.raw, FORM);
      if (form.kind === "refused") return problemAnswer(form);
      const trouble = await logIn.enter(c, form.value.password);
      return trouble === undefined ? c.redirect(placeAfter(c), 303) : answerTrouble(c, trouble);
    })
    .post("/logout", async (c) => {
      const principal = await identifySession(ports, c);
      // Another site's page sends no cookie along, and must not take it away either.
      if ("code" in principal && principal.code === "forbidden") return problemAnswer(principal);
      if (principal.kind === "operator") await logIn.leave(c);
      return c.redirect("login", 303);
    });
}

function answerTrouble(c: Context, trouble: LogInTrouble) {
  const { refusal, waitSeconds } = trouble;
  const status: ContentfulStatusCode = PROBLEM_STATUS[refusal.code];
  if (status === 401) c.header("WWW-Authenticate", "Bearer");
  if (waitSeconds > 0) c.header("Retry-After", String(waitSeconds));
  return answerPage(c, status, logInPage(trouble));
}

/** One of our own pages, whatever the address says. */
function placeAfter(c: Context): string {
  return c.req.query("then") === "fleet" ? "fleet" : "./";
}
