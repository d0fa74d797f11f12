import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { Settings } from "../settings.ts";

const PREFLIGHT_SECONDS = 600;

/** Without credentials: a page of another site has an API key or a viewer's token, never the operator's cookie. */
export function crossOrigin({ allowedOrigins }: Settings): MiddlewareHandler {
  return cors({
    origin: [...allowedOrigins],
    allowMethods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    allowHeaders: ["Authorization", "Content-Type", "X-API-Key", "Range", "If-Match"],
    exposeHeaders: ["Content-Range", "ETag", "Retry-After"],
    maxAge: PREFLIGHT_SECONDS,
  });
}
