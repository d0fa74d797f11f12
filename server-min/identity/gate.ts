import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import type { AppPorts } from "../ports.ts";
import type { Refusal } from "../problem-answer.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { readRoomToken } from "../relay/room-token.ts";
import { apiKeyName } from "../storage/api-keys.ts";
import { tokensAcceptedFromMs } from "../storage/device-access.ts";
import { sessionName } from "../storage/sessions.ts";
import { apiKeyId, hashSecret } from "./api-key.ts";
import { readKnownToken } from "./known-tokens.ts";
import type { Principal } from "./principal.ts";
import { mayOperate } from "./principal.ts";

declare module "hono" {
  interface ContextVariableMap {
    /** Who asks; set for every path of the API. */
    principal: Principal;
  }
}

export const SESSION_COOKIE = "skyfeeder_session";

/** The API; what is not in it is the page's own files, which hold no secret. */
const API = /^\/(v1|api|firmware|rooms|metrics)(\/|$)/;
/** Whoever asks here has no credentials yet, or has one in the path that its own route checks. */
const OPEN =
  /^(GET \/v1\/session|POST \/v1\/(session|enrolment|enrolment\/token)|(GET|HEAD) \/firmware\/[^/]+\/image\.bin)$/;
const OPERATORS_ONLY =
  /^\/(rooms|metrics|v1\/(metrics|releases|viewer-token|api-keys|enrolments|audit|test|ota\/(command|status|log)|devices\/[^/]+\/(token|log|name)))(\/|$)/;

type Ports = Pick<AppPorts, "sql" | "clock" | "settings">;

/** Lets nobody into the API whose identity is not proven, and none but operators where the fleet is run. */
export function gate(ports: Ports): MiddlewareHandler {
  return async (c, next) => {
    const { path } = c.req;
    if (!API.test(path)) return next();
    const isOpen = OPEN.test(`${c.req.method} ${path}`);
    const principal = await identify(ports, c);
    if ("code" in principal) return isOpen ? next() : problemAnswer(principal);
    c.set("principal", principal);
    const refusal = isOpen || !OPERATORS_ONLY.test(path) ? undefined : mayOperate(principal);
    return refusal === undefined ? next() : problemAnswer(refusal);
  };
}

async function identify(ports: Ports, c: Context): Promise<Principal | Refusal> {
  if (ports.settings.adminPasswordHash === undefined) return { kind: "anyone" };
  const bearer = /^Bearer (\S+)$/i.exec(c.req.header("Authorization") ?? "")?.[1];
  const token = c.req.header("X-API-Key") ?? bearer ?? c.req.query("token");
  return token === undefined ? identifySession(ports, c) : identifyToken(ports, token);
}

/** The operator whose browser asks; a page knows no other proof. */
export async function identifySession(ports: Ports, c: Context): Promise<Principal | Refusal> {
  if (ports.settings.adminPasswordHash === undefined) return { kind: "anyone" };
  const session = getCookie(c, SESSION_COOKIE);
  if (session === undefined) return refused("token_missing");
  const refusal = checkOrigin(ports, c);
  if (refusal !== undefined) return refusal;
  const name = await sessionName(ports.sql, hashSecret(session), ports.clock.nowMs());
  return name === undefined ? refused("token_invalid") : { kind: "operator", name };
}

/** The holder of an API key, a device token or a viewer's token. */
export async function identifyToken(ports: Ports, token: string): Promise<Principal | Refusal> {
  const { sql, clock, settings } = ports;
  const keyId = apiKeyId(token);
  if (keyId !== undefined) {
    const name = await apiKeyName(sql, keyId, hashSecret(token));
    return name === undefined ? refused("token_invalid") : { kind: "operator", name };
  }
  const nowMs = clock.nowMs();
  const device = readKnownToken(settings.tokenKeys, token, nowMs);
  if (typeof device === "object") {
    const { deviceId, issuedAtMs } = device;
    const fromMs = await tokensAcceptedFromMs(sql, deviceId);
    const isAccepted = fromMs !== undefined && issuedAtMs >= fromMs;
    return isAccepted ? { kind: "device", deviceId } : refused("token_revoked");
  }
  if (device === "token_expired") return refused(device);
  const access = readRoomToken(settings.relaySecret, token, nowMs);
  if (access === "token_expired") return refused(access);
  if (typeof access === "string" || access.role !== "viewer") return refused("token_invalid");
  return { kind: "viewer", rooms: access.rooms };
}

/** A cookie goes along with whatever page makes the request; SameSite keeps other sites out, this their subdomains. */
export function checkOrigin({ settings }: Ports, c: Context): Refusal | undefined {
  const origin = c.req.header("Origin");
  if (origin === undefined || /^(GET|HEAD)$/.test(c.req.method)) return undefined;
  const page = URL.parse(origin);
  const isOwn =
    page !== null &&
    (page.origin === new URL(settings.publicUrl).origin || page.host === c.req.header("Host"));
  return isOwn ? undefined : refused("forbidden", "Origin");
}
