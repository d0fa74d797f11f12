import { Hono } from "hono";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { Readiness } from "./readiness.ts";

/** It is about now. */
const NO_STORE = { "Cache-Control": "no-store" };

/** Alive: this process answers. Ready: so does everything it needs. */
export function healthRoutes(ports: AppPorts): Hono {
  const readiness = new Readiness(ports);
  return new Hono()
    .get("/healthz", (c) => c.json({ status: "ok" }))
    .get("/health", (c) => c.json({ status: "ok" }))
    .get("/readyz", async (c) => {
      const missing = await readiness.missing();
      if (missing.length === 0) return c.json({ status: "ready" }, 200, NO_STORE);
      return problemAnswer(refused("not_ready", missing.join(", ")), NO_STORE);
    });
}
