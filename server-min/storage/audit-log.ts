import type { Insertable, Kysely, Selectable } from "kysely";
import type { Database } from "./schema.ts";

type Sql = Kysely<Database>;

/** Some 30 MB; years of an operator, and an hour of somebody who guesses at the limit's pace for weeks. */
const ROWS_MAX = 100_000;

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
