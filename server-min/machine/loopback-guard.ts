import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";

/** What a request says about where it comes from. */
export interface Caller {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly changesState: boolean;
}

export type CallerCheck = (caller: Caller) => Refusal | undefined;

/**
 * Whoever reaches a loopback port is trusted, and every page open in this machine's browser reaches it. A browser tells
 * on pages of other sites by Origin, and by Host on one whose name was pointed at this machine after it was loaded (DNS
 * rebinding). A page under development is served from another loopback port.
 */
export function loopbackGuard(publicUrl: string): CallerCheck {
  const own = new URL(publicUrl);
  // Clients ask by one name, again and again, and most are no page: nothing is left to look at.
  let goodHost: string | undefined;
  return ({ host, origin, changesState }) => {
    if (host === goodHost && host !== undefined && origin === undefined) return undefined;
    const asked = URL.parse(`http://${host ?? ""}`);
    if (asked === null || (!isLoopback(asked.hostname) && asked.hostname !== own.hostname)) {
      return refused("forbidden", "Host");
    }
    goodHost = host;
    if (!changesState || origin === undefined) return undefined;
    const page = URL.parse(origin);
    const isOwn =
      page !== null &&
      (isLoopback(page.hostname) || page.origin === own.origin || page.host === asked.host);
    return isOwn ? undefined : refused("forbidden", "Origin");
  };
}

export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
}
