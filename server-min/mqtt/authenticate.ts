import { identifyToken } from "../identity/gate.ts";
import type { Principal } from "../identity/principal.ts";
import type { AppPorts } from "../ports.ts";
import type { Authenticate } from "./access.ts";

/** Any operator may call itself that. */
const OPERATOR = "admin";
const VIEWER = "viewer";

/** The password is the token or key that the API takes, the user name says whose it is meant to be. */
export function authenticateClients(
  ports: Pick<AppPorts, "sql" | "clock" | "settings">,
): Authenticate {
  return async (username, password) => {
    if (ports.settings.adminPasswordHash === undefined) return { kind: "anyone" };
    if (password === undefined) return undefined;
    const principal = await identifyToken(ports, password);
    if ("code" in principal) return undefined;
    return isNamed(principal, username) ? principal : undefined;
  };
}

function isNamed(principal: Principal, username: string | undefined): boolean {
  switch (principal.kind) {
    case "anyone":
      return true;
    case "operator":
      return username === principal.name || username === OPERATOR;
    case "device":
      return username === principal.deviceId;
    case "viewer":
      return username === VIEWER;
  }
}
