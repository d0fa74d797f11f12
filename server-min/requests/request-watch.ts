import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { AppPorts } from "../ports.ts";
import { answerHead } from "./answer-head.ts";
import { RequestIds } from "./request-ids.ts";

declare module "hono" {
  interface ContextVariableMap {
    requestId: string;
    /** Set by a route once it knows who it is about. */
    deviceId: string | undefined;
  }
}

/** One request, as log and metrics have it. Nothing in it was written by the client but ids that were checked. */
export interface AnsweredRequest {
  readonly requestId: string;
  readonly method: string;
  /** The pattern of its route: a path may hold a token. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  readonly deviceId: string | undefined;
}

/** Names, times and counts every request, whatever becomes of it. */
export function watchRequests({
  clock,
  metrics,
  answered,
}: Pick<AppPorts, "clock" | "metrics" | "answered">): MiddlewareHandler {
  const ids = new RequestIds(clock.nowMs());
  return async (c, next) => {
    const startedMs = clock.nowMs();
    const requestId = ids.idFor(c.req.header("X-Request-Id"));
    c.set("requestId", requestId);
    await next();
    const head = answerHead(c);
    head.set("X-Content-Type-Options", "nosniff");
    head.set("X-Request-Id", requestId);
    const request = {
      requestId,
      method: c.req.method,
      route: routePath(c),
      status: c.res.status,
      // The clock may be set back meanwhile.
      durationMs: Math.max(0, clock.nowMs() - startedMs),
      deviceId: c.get("deviceId"),
    };
    metrics.countRequest(request);
    answered(request);
  };
}
