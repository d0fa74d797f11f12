/**
 * What a browser lets the page do: run its own files, and load from here and from where photos are. Addresses of this
 * server may hold tokens, so no other one is told them; told to nobody at all, a form of the page would have no Origin.
 * And no other page may show this one in a frame to catch clicks.
 */
export function pageHeaders(origins: readonly string[]): Readonly<Record<string, string>> {
  const others = [...new Set(origins.map((url) => new URL(url).origin))];
  const sockets = others.map((origin) => origin.replace(/^http/, "ws"));
  const from = (...sources: readonly string[]) => ["'self'", ...sources, ...others].join(" ");
  const policy = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "font-src": "'self'",
    // The style sheet has its icons in it.
    "img-src": from("data:", "blob:"),
    "media-src": from("blob:"),
    "connect-src": from(...sockets),
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
  };
  const directives = Object.entries(policy).map(([name, sources]) => `${name} ${sources}`);
  return {
    "Content-Security-Policy": directives.join("; "),
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
  };
}
