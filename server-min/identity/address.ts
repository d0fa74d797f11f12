import type { Context } from "hono";

/** The client's address, which the listener hands in beside the request; a call without sockets has none. */
export function addressOf(c: Context): string {
  const env: unknown = c.env;
  const address =
    typeof env === "object" && env !== null && "address" in env ? env.address : undefined;
  return typeof address === "string" ? address : "unknown";
}
