import { Hono } from "hono";
import { parseJson } from "../../protocol/json.ts";
import { cutPage } from "../page-query.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { readAuditLog } from "../storage/audit-log.ts";

const LIMIT = 100;
const LIMIT_MAX = 1_000;

/** GET /v1/audit: newest first; `before` is the `next` of the answer before. */
export function auditRoutes({ sql }: Pick<AppPorts, "sql">): Hono {
  return new Hono().get("/v1/audit", async (c) => {
    const { limit = String(LIMIT), before } = c.req.query();
    const count = /^\d{1,4}$/.test(limit) ? Number(limit) : 0;
    if (count < 1 || count > LIMIT_MAX) return problemAnswer(refused("invalid_request", "limit"));
    if (before !== undefined && !/^\d{1,15}$/.test(before)) {
      return problemAnswer(refused("invalid_request", "before"));
    }
    const beforeId = before === undefined ? undefined : Number(before);
    const rows = await readAuditLog(sql, { beforeId, limit: count + 1 });
    const { shown, next } = cutPage(rows, count, ({ id }) => String(id));
    const entries = shown.map(({ id, at_ms: ts, who, action, target, before: was, after: is }) => ({
      ...{ id, ts, who, action, target },
      before: was === null ? null : parseJson(was),
      after: is === null ? null : parseJson(is),
    }));
    return c.json({ entries, next });
  });
}
