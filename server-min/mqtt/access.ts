import { createHash } from "node:crypto";
import type { Principal } from "../identity/principal.ts";
import { ALL_ROOMS } from "../identity/principal.ts";
import { parseTopic, ROOT } from "./topics.ts";

/** Undefined for credentials that are not good, or no longer. */
export type Authenticate = (
  username: string | undefined,
  password: string | undefined,
) => Promise<Principal | undefined>;

/** The longest topic of ours has 48 characters of id and 48 of name. */
const FILTER_CHARACTERS_MAX = 128;
/** Plain letters only: what looks like a name but is written otherwise is no name. */
const FILTER = /^([A-Za-z0-9_-]+|\+)(\/([A-Za-z0-9_-]+|\+))*(\/#)?$|^#$/;

export function mayPublish(principal: Principal, topic: string): boolean {
  const target = parseTopic(topic);
  if (target === undefined) return false;
  switch (principal.kind) {
    case "anyone":
    case "operator":
      return true;
    case "device":
      return target.deviceId === principal.deviceId && target.kind !== "cmd";
    case "viewer":
      return false;
  }
}

export function maySubscribe(principal: Principal, filter: string): boolean {
  if (filter.length > FILTER_CHARACTERS_MAX || !FILTER.test(filter)) return false;
  return subscribable(principal).some((allowed) => covers(allowed, filter));
}

/** The widest filters somebody may subscribe to. */
function subscribable(principal: Principal): readonly string[] {
  switch (principal.kind) {
    case "anyone":
      return ["#"];
    case "operator":
      return [`${ROOT}/#`];
    case "device":
      return [`${ROOT}/${principal.deviceId}/cmd/#`];
    case "viewer":
      return principal.rooms.flatMap((room) => {
        const device = `${ROOT}/${room === ALL_ROOMS ? "+" : room}`;
        return [`${device}/event/#`, `${device}/status`];
      });
  }
}

/** Whether every topic of the narrower filter is one of the wider; a topic is a filter of itself alone. */
export function covers(wider: string, narrower: string): boolean {
  const levels = narrower.split("/");
  const allowed = wider.split("/");
  for (const [depth, level] of allowed.entries()) {
    if (level === "#") return true;
    if (level !== "+" ? levels[depth] !== level : (levels[depth] ?? "#") === "#") return false;
  }
  return levels.length === allowed.length;
}

/** Stands before the id a client chose: nobody takes over the session of somebody else. */
export function sessionOwner(principal: Principal, password: string | undefined): string {
  switch (principal.kind) {
    case "anyone":
      return "anyone";
    case "operator":
      return `operator ${principal.name}`;
    case "device":
      return `device ${principal.deviceId}`;
    case "viewer":
      // Viewers have no names; a token is as good as one, and is not to be kept.
      return `viewer ${createHash("sha256")
        .update(password ?? "")
        .digest("hex")}`;
  }
}
