import type { Context } from "hono";
import { Hono } from "hono";
import { parseObjectKey } from "../../protocol/object-key.ts";
import type { DayFiles } from "../day-index/day-files.ts";
import type { Audit } from "../identity/audit.ts";
import { mayOperate } from "../identity/principal.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { setSaved } from "../storage/kept-objects.ts";
import { objectByKey } from "../storage/stored-objects.ts";

/** PUT, DELETE /v1/objects/<key>/saved: kept for ever, or as long as everything else. */
export function savedRoutes(
  { sql, clock }: Pick<AppPorts, "sql" | "clock">,
  dayFiles: DayFiles,
  audit: Audit,
): Hono {
  async function save(c: Context, savedAtMs: number | null): Promise<Response> {
    const { kind, deviceId, fileName } = c.req.param();
    const key = `${kind}/${deviceId}/${fileName}`;
    if (parseObjectKey(key) === undefined) return problemAnswer(refused("invalid_key"));
    const refusal = mayOperate(c.get("principal"));
    if (refusal !== undefined) return problemAnswer(refusal);
    const before = await objectByKey(sql, key);
    const object = await setSaved(sql, key, savedAtMs);
    if (before === undefined || object === undefined) return problemAnswer(refused("not_found"));
    await audit.did(c, {
      action: savedAtMs === null ? "unsave_media" : "save_media",
      target: key,
      before: { saved: before.saved_at_ms !== null },
      after: { saved: object.saved_at_ms !== null },
    });
    // Written before the answer: when the database is lost, this file is what remembers it.
    await dayFiles.refresh(object.device_id, object.day);
    return c.json({ key, saved: object.saved_at_ms !== null });
  }

  const path = "/v1/objects/:kind/:deviceId/:fileName/saved";
  return new Hono().put(path, (c) => save(c, clock.nowMs())).delete(path, (c) => save(c, null));
}
