import type { Insertable, Kysely, Selectable } from "kysely";
import type { Database } from "./schema.ts";

type Sql = Kysely<Database>;

/** Some 30 MB; years of an operator. */
const ROWS_MAX = 100_000;
/** What strangers and programs can fill the log with within days; the rest of it is to outlast them. */
const FLOODING_ACTIONS = ["log_in_refused", "publish"];
const ROWS_OF_FLOOD_MAX = 10_000;
/** Looking for them reads much of the table. */
const PRUNED_EVERY = 100;

export async function insertAuditEntry(
  sql: Sql,
  entry: Insertable<Database["audit_log"]>,
): Promise<void> {
  const { id } = await sql
    .insertInto("audit_log")
    .values(entry)
    .returning("id")
    .executeTakeFirstOrThrow();
  await sql
    .deleteFrom("audit_log")
    .where("id", "<=", id - ROWS_MAX)
    .execute();
  if (id % PRUNED_EVERY !== 0) return;
  for (const action of FLOODING_ACTIONS) await pruneFlood(sql, action);
}

async function pruneFlood(sql: Sql, action: string): Promise<void> {
  await sql
    .deleteFrom("audit_log")
    .where("action", "=", action)
    .where("id", "<=", (log) =>
      log
        .selectFrom("audit_log as flood")
        .select("flood.id")
        .where("flood.action", "=", action)
        .orderBy("flood.id", "desc")
        .limit(1)
        .offset(ROWS_OF_FLOOD_MAX),
    )
    .execute();
}

/** Newest first. */
export async function readAuditLog(
  sql: Sql,
  query: { readonly beforeId: number | undefined; readonly limit: number },
): Promise<Selectable<Database["audit_log"]>[]> {
  const { beforeId, limit } = query;
  return sql
    .selectFrom("audit_log")
    .selectAll()
    .$if(beforeId !== undefined, (rows) => rows.where("id", "<", beforeId ?? 0))
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}
