import { safeText } from "../monitor/safe-text.ts";
import type { Call, Fields } from "../server/call.ts";
import { listIn } from "../server/call.ts";
import { columns, moment } from "./columns.ts";

/** A command that asks its server one thing. */
export interface RemoteCommand {
  /** Name and argument, as commander reads them. */
  readonly usage: string;
  readonly description: string;
  readonly ask: (argument: string) => Call;
  readonly text: (body: Fields, argument: string) => string;
  /** What `--json` prints where the server has nothing to say. */
  readonly done?: (argument: string) => Fields;
}

export const DEVICE_COMMANDS: readonly RemoteCommand[] = [
  {
    usage: "ls",
    description: "list the feeders the server knows",
    ask: () => ({ method: "GET", path: "v1/devices" }),
    text: (body) =>
      columns(
        listIn(body, "devices").map(({ deviceId, name, online, lastSeenTs, photosToday }) => [
          String(deviceId),
          online === true ? "online" : "offline",
          `seen ${moment(lastSeenTs)}`,
          `${photosToday} photos today`,
          typeof name === "string" ? safeText(name) : "",
        ]),
        "no feeder yet: npm run -s skyfeeder -- devices pending",
      ),
  },
  {
    usage: "pending",
    description: "list the feeders that wait to be let in, with their claim codes",
    ask: () => ({ method: "GET", path: "v1/enrolments" }),
    text: (body) =>
      columns(
        listIn(body, "enrolments").map(({ claimCode, deviceId, requestedTs, address }) => [
          String(claimCode),
          String(deviceId),
          `since ${moment(requestedTs)}`,
          `from ${address}`,
        ]),
        "no feeder waits: switch one on, and it shows its claim code",
      ),
  },
  {
    usage: "approve <code>",
    description: "let the feeder in that shows this claim code",
    ask: (code) => ({ method: "POST", path: `v1/enrolments/${encodeURIComponent(code)}/approve` }),
    text: ({ deviceId }) => `${deviceId} is let in`,
  },
  {
    usage: "deny <code>",
    description: "turn the feeder away that shows this claim code",
    ask: (code) => ({ method: "POST", path: `v1/enrolments/${encodeURIComponent(code)}/deny` }),
    text: ({ deviceId }) => `${deviceId} is turned away`,
  },
  {
    usage: "token <id>",
    description: "print a token for a feeder without a claim code; it is a secret",
    ask: (id) => ({ method: "POST", path: `v1/devices/${encodeURIComponent(id)}/token` }),
    text: ({ token }) => String(token),
  },
  {
    usage: "revoke <id>",
    description: "put a feeder out; it has to be approved again",
    ask: (id) => ({ method: "DELETE", path: `v1/devices/${encodeURIComponent(id)}/token` }),
    text: (_, id) => `${id} is out`,
    done: (deviceId) => ({ deviceId }),
  },
];

export const KEY_COMMANDS: readonly RemoteCommand[] = [
  {
    usage: "ls",
    description: "list the API keys, without what is secret of them",
    ask: () => ({ method: "GET", path: "v1/api-keys" }),
    text: (body) =>
      columns(
        listIn(body, "keys").map(({ id, name, createdTs, revokedTs }) => [
          String(id),
          String(name),
          `made ${moment(createdTs)}`,
          revokedTs === null ? "" : `revoked ${moment(revokedTs)}`,
        ]),
        "no key yet: npm run -s skyfeeder -- keys make NAME",
      ),
  },
  {
    usage: "make <name>",
    description: "make an API key for a program, and print it: it is told only now",
    ask: (name) => ({ method: "POST", path: "v1/api-keys", body: { name } }),
    text: ({ key }) => String(key),
  },
  {
    usage: "revoke <id>",
    description: "make an API key void, by the id that ls shows",
    ask: (id) => ({ method: "DELETE", path: `v1/api-keys/${encodeURIComponent(id)}` }),
    text: (_, id) => `${id} is void`,
    done: (id) => ({ id }),
  },
];

/** An empty name takes it back. */
export function nameCommand(name: string): RemoteCommand {
  return {
    usage: "name",
    description: "",
    ask: (id) => ({
      method: "PUT",
      path: `v1/devices/${encodeURIComponent(id)}/name`,
      body: { name: name === "" ? null : name },
    }),
    text: ({ name: kept }, id) =>
      typeof kept === "string" ? `${id} is called ${safeText(kept)}` : `${id} has no name`,
  };
}

export function auditCommand(limit: number): RemoteCommand {
  return {
    usage: "audit",
    description: "",
    ask: () => ({ method: "GET", path: `v1/audit?limit=${limit}` }),
    text: (body) =>
      columns(
        listIn(body, "entries").map(({ ts, who, action, target }) => [
          moment(ts),
          String(who),
          String(action),
          String(target),
        ]),
        "nothing was done yet",
      ),
  };
}
