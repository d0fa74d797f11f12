import { Hono } from "hono";
import type { AppPorts } from "../ports.ts";
import { apiKeyRoutes } from "./api-key-routes.ts";
import type { Audit } from "./audit.ts";
import { auditRoutes } from "./audit-routes.ts";
import { enrolmentRoutes } from "./enrolment-routes.ts";
import { fleetRoutes } from "./fleet-routes.ts";
import { LoginLimit } from "./login-limit.ts";
import { sessionRoutes } from "./session-routes.ts";

/** Who may come in: operators by password or key, devices by enrolment; and what operators did. */
export function identityRoutes(ports: AppPorts, audit: Audit): Hono {
  return new Hono()
    .route("/", sessionRoutes(ports, new LoginLimit(ports.clock), audit))
    .route("/", apiKeyRoutes(ports, audit))
    .route("/", enrolmentRoutes(ports))
    .route("/", fleetRoutes(ports, audit))
    .route("/", auditRoutes(ports));
}
