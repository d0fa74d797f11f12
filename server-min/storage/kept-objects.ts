import type { Kysely } from "kysely";
import type { MediaKind } from "../../protocol/media.ts";
import type { Database, StoredObject } from "./schema.ts";

type Sql = Kysely<Database>;

/** False when the index shows no such object. Saving what is saved changes nothing. */
export async function setSaved(
  sql: Sql,
  key: string,
  savedAtMs: number | null,
): Promise<StoredObject | undefined> {
  return sql
    .updateTable("objects")
    .set(({ fn, ref, val }) => ({
      saved_at_ms: savedAtMs === null ? null : fn.coalesce(ref("saved_at_ms"), val(savedAtMs)),
    }))
    .where("key", "=", key)
    .where("removed_at_ms", "is", null)
    .returningAll()
    .executeTakeFirst();
}

/** Takes the oldest of what nobody saved out of the index; answers how many these were. */
export async function removeExpired(
  sql: Sql,
  expired: {
    readonly kind: MediaKind;
    readonly storedBeforeMs: number;
    readonly nowMs: number;
    readonly limit: number;
  },
): Promise<number> {
  const { kind, storedBeforeMs, nowMs, limit } = expired;
  const found = await sql
    .selectFrom("objects")
    .select("key")
    .where("kind", "=", kind)
    .where("saved_at_ms", "is", null)
    .where("removed_at_ms", "is", null)
    .where("stored_at_ms", "<", storedBeforeMs)
    .orderBy("stored_at_ms")
    .limit(limit)
    .execute();
  // An hour in which nothing expires writes nothing.
  if (found.length === 0) return 0;
  const keys = found.map(({ key }) => key);
  await sql
    .updateTable("objects")
    .set({ removed_at_ms: nowMs })
    .where("key", "in", keys)
    .where("saved_at_ms", "is", null)
    .where("removed_at_ms", "is", null)
    .execute();
  return keys.length;
}

/** Out of the index, and their bytes may still be there. */
export async function objectsToFree(sql: Sql, limit: number) {
  return sql
    .selectFrom("objects")
    .select(["key", "device_id as deviceId", "day as date"])
    .where("removed_at_ms", "is not", null)
    .where("freed_at_ms", "is", null)
    .orderBy("removed_at_ms")
    .limit(limit)
    .execute();
}

export async function markFreed(sql: Sql, keys: readonly string[], nowMs: number): Promise<void> {
  await sql
    .updateTable("objects")
    .set({ freed_at_ms: nowMs })
    .where("key", "in", keys)
    .where("removed_at_ms", "is not", null)
    .execute();
}

/** Forgets that these captures were ever there; answers how many. */
export async function forgetFreed(sql: Sql, freedBeforeMs: number, limit: number): Promise<number> {
  const found = await sql
    .selectFrom("objects")
    .select("key")
    .where("freed_at_ms", "<", freedBeforeMs)
    .limit(limit)
    .execute();
  if (found.length === 0) return 0;
  const keys = found.map(({ key }) => key);
  await sql.deleteFrom("objects").where("key", "in", keys).execute();
  return keys.length;
}

/** Those of the keys that have a row, each with whether its bytes should be there. */
export async function rowsOfKeys(sql: Sql, keys: readonly string[]) {
  return sql
    .selectFrom("objects")
    .select(["key", "freed_at_ms as freedAtMs"])
    .where("key", "in", keys)
    .execute();
}
