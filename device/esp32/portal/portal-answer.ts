import { readField } from "./form-fields.ts";
import type { PortalRequest } from "./http-request.ts";
import { type PortalView, renderPage } from "./page.ts";

export interface PortalAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** ASCII. */
  readonly body: string;
  /** What the request asks the portal to do. */
  readonly wish: PortalWish | undefined;
}

export type PortalWish =
  | { readonly kind: "submit"; readonly form: Uint8Array }
  | { readonly kind: "scan" }
  /** Somebody is there. */
  | { readonly kind: "look" };

/** Nothing of it is for later, and nothing else may show or fetch anything in it. */
const NO_STORE = ["Cache-Control", "no-store"] as const;

/**
 * Whatever is asked of another host is asked by a phone that wants to know whether this is the Internet: it is sent here, and
 * opens the page. That covers each platform's probe, and a page elsewhere whose name was bent to this address.
 */
export function answerRequest(
  request: PortalRequest,
  view: PortalView,
  address: string,
): PortalAnswer {
  const { method, path, host, body } = request;
  const home = `http://${address}/`;
  if (host !== address && host !== `${address}:80`) return redirect(302, home);
  if (method === "GET" || method === "HEAD") {
    if (path !== "/") return path === "/favicon.ico" ? plain(404) : redirect(302, home);
    return { ...page(view), wish: { kind: "look" } };
  }
  if (method !== "POST") return plain(405);
  const isOurs = readField(body, "token") === view.token;
  const wish = isOurs ? wishOf(path, body) : undefined;
  // Also for a form of an earlier start: it is asked for anew, with what is right today.
  return { ...redirect(303, home), wish };
}

function wishOf(path: string, form: Uint8Array): PortalWish | undefined {
  if (path === "/setup") return { kind: "submit", form };
  return path === "/scan" ? { kind: "scan" } : undefined;
}

function page(view: PortalView): PortalAnswer {
  const policy = [
    "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; form-action 'self'",
    `frame-ancestors 'none'; base-uri 'none'; script-src 'nonce-${view.token}'`,
  ];
  const headers = [
    ["Content-Type", "text/html; charset=utf-8"],
    NO_STORE,
    ["Content-Security-Policy", policy.join("; ")],
    ["X-Content-Type-Options", "nosniff"],
  ] as const;
  return { status: 200, headers, body: renderPage(view), wish: undefined };
}

function redirect(status: 302 | 303, location: string): PortalAnswer {
  return { status, headers: [["Location", location], NO_STORE], body: "", wish: undefined };
}

export function plain(status: number): PortalAnswer {
  return { status, headers: [NO_STORE], body: "", wish: undefined };
}
