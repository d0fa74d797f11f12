import type { MiddlewareHandler } from "hono";
import { Hono } from "hono";
import { identifySession } from "../identity/gate.ts";
import type { OperatorActions } from "../identity/routes.ts";
import type { AppPorts } from "../ports.ts";
import { fleetPages } from "./fleet-routes.ts";
import { logInRoutes } from "./log-in-routes.ts";

/** What a person sees who runs the feeders; the gallery itself is a folder of files. */
export function pageRoutes(ports: AppPorts, actions: OperatorActions): Hono {
  return new Hono()
    .use("/", logInFirst(ports))
    .use("/index.html", logInFirst(ports))
    .route("/", logInRoutes(ports, actions.logIn))
    .route("/", fleetPages(ports, actions));
}

/** The gallery could only say that it may not show anything. */
function logInFirst(ports: AppPorts): MiddlewareHandler {
  return async (c, next) => {
    const principal = await identifySession(ports, c);
    return "code" in principal ? c.redirect("login", 303) : next();
  };
}
