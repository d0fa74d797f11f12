import { Hono } from "hono";
import type { AppPorts } from "../ports.ts";
import { apiKeyRoutes } from "./api-key-routes.ts";
import { ApiKeys } from "./api-keys.ts";
import type { Audit } from "./audit.ts";
import { auditRoutes } from "./audit-routes.ts";
import { enrolmentRoutes } from "./enrolment-routes.ts";
import { Fleet } from "./fleet.ts";
import { fleetRoutes } from "./fleet-routes.ts";
import { LogIn } from "./log-in.ts";
import { sessionRoutes } from "./session-routes.ts";

/** What an operator may do, for every way of asking: there is one log-in limit, whichever is used. */
export interface OperatorActions {
  readonly logIn: LogIn;
  readonly fleet: Fleet;
  readonly apiKeys: ApiKeys;
}

export function operatorActions(ports: AppPorts, audit: Audit): OperatorActions {
  return {
    logIn: new LogIn(ports, audit),
    fleet: new Fleet(ports, audit),
    apiKeys: new ApiKeys(ports, audit),
  };
}

/** Who may come in: operators by password or key, devices by enrolment; and what operators did. */
export function identityRoutes(ports: AppPorts, actions: OperatorActions): Hono {
  return new Hono()
    .route("/", sessionRoutes(actions.logIn))
    .route("/", apiKeyRoutes(ports, actions.apiKeys))
    .route("/", enrolmentRoutes(ports))
    .route("/", fleetRoutes(ports, actions.fleet))
    .route("/", auditRoutes(ports));
}
