import { Argument } from "commander";
import { safeText } from "../monitor/safe-text.ts";
import { listIn } from "../server/call.ts";
import type { RemoteCommand, RemoteRequest } from "../server/remote-command.ts";
import { columns, moment } from "./columns.ts";

const CODE = new Argument("<code>", "the claim code, as the feeder shows it");
const DEVICE = new Argument("<id>", "the feeder");

export const DEVICE_COMMANDS: readonly RemoteCommand[] = [
  {
    name: "ls",
    description: "list the feeders the server knows",
    ask: () => ({ method: "GET", path: "v1/devices" }),
    list: "devices",
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
    name: "pending",
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
    name: "approve",
    description: "let the feeder in that shows this claim code",
    argument: CODE,
    ask: (code) => ({ method: "POST", path: `v1/enrolments/${encodeURIComponent(code)}/approve` }),
    text: ({ deviceId }) => `${deviceId} is let in`,
  },
  {
    name: "deny",
    description: "turn the feeder away that shows this claim code",
    argument: CODE,
    ask: (code) => ({ method: "POST", path: `v1/enrolments/${encodeURIComponent(code)}/deny` }),
    text: ({ deviceId }) => `${deviceId} is turned away`,
  },
  {
    name: "token",
    description: "print a token for a feeder without a claim code; it is a secret",
    argument: DEVICE,
    ask: (id) => ({ method: "POST", path: `v1/devices/${encodeURIComponent(id)}/token` }),
    text: ({ token }) => String(token),
  },
  {
    name: "revoke",
    description: "put a feeder out; it has to be approved again",
    argument: DEVICE,
    ask: (id) => ({ method: "DELETE", path: `v1/devices/${encodeURIComponent(id)}/token` }),
    text: (_, id) => `${id} is out`,
    done: (deviceId) => ({ deviceId }),
  },
];

export const KEY_COMMANDS: readonly RemoteCommand[] = [
  {
    name: "ls",
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
    name: "make",
    description: "make an API key for a program, and print it: it is told only now",
    argument: new Argument("<name>", "what the key is for"),
    ask: (name) => ({ method: "POST", path: "v1/api-keys", body: { name } }),
    text: ({ key }) => String(key),
  },
  {
    name: "revoke",
    description: "make an API key void",
    argument: new Argument("<id>", "of the key, as ls shows it"),
    ask: (id) => ({ method: "DELETE", path: `v1/api-keys/${encodeURIComponent(id)}` }),
    text: (_, id) => `${id} is void`,
    done: (id) => ({ id }),
  },
];

/** An empty name takes it back. */
export function naming(name: string): RemoteRequest {
  return {
    ask: (id) => ({
      method: "PUT",
      path: `v1/devices/${encodeURIComponent(id)}/name`,
      body: { name: name === "" ? null : name },
    }),
    text: ({ name: kept }, id) =>
      typeof kept === "string" ? `${id} is called ${safeText(kept)}` : `${id} has no name`,
  };
}

export function auditOf(limit: number): RemoteRequest {
  return {
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
