import { ServerResponse } from "node:http";
import type { Context } from "hono";

/**
 * Where headers go that every answer has. Beside a Response they cost nothing; a Response whose own headers are touched
 * builds them anew, which is dearer than the route's.
 */
export function answerHead(c: Context): { set(name: string, value: string): void } {
  const env: unknown = c.env;
  const outgoing =
    typeof env === "object" && env !== null && "outgoing" in env ? env.outgoing : undefined;
  if (!(outgoing instanceof ServerResponse)) return c.res.headers;
  return { set: (name, value) => void outgoing.setHeader(name, value) };
}
