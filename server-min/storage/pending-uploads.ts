import type { Kysely } from "kysely";
import type { Database, PendingUpload } from "./schema.ts";

type Sql = Kysely<Database>;

/** The one of this capture, or of this key. */
export async function pendingOfCapture(
  sql: Sql,
  capture: { readonly deviceId: string; readonly captureId: string; readonly key: string },
): Promise<PendingUpload | undefined> {
  return sql
    .selectFrom("pending_uploads")
    .selectAll()
    .where((is) =>
      is.or([
        is("key", "=", capture.key),
        is.and([is("device_id", "=", capture.deviceId), is("capture_id", "=", capture.captureId)]),
      ]),
    )
    .executeTakeFirst();
}

export async function pendingOfKey(
  sql: Sql,
  { deviceId, key }: { readonly deviceId: string; readonly key: string },
): Promise<PendingUpload | undefined> {
  return sql
    .selectFrom("pending_uploads")
    .selectAll()
    .where("key", "=", key)
    .where("device_id", "=", deviceId)
    .executeTakeFirst();
}

export async function pendingUploads(sql: Sql): Promise<PendingUpload[]> {
  return sql.selectFrom("pending_uploads").selectAll().orderBy("expires_at_ms").execute();
}

/** Leaves the one that is there already. */
export async function addPending(sql: Sql, upload: PendingUpload): Promise<void> {
  await sql
    .insertInto("pending_uploads")
    .values(upload)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function extendPending(sql: Sql, key: string, expiresAtMs: number): Promise<void> {
  await sql
    .updateTable("pending_uploads")
    .set({ expires_at_ms: expiresAtMs })
    .where("key", "=", key)
    .execute();
}

export async function forgetPending(sql: Sql, key: string): Promise<void> {
  await sql.deleteFrom("pending_uploads").where("key", "=", key).execute();
}
