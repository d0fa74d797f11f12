import type { Insertable, Kysely, Selectable } from "kysely";
import type { Database } from "./schema.ts";

type Sql = Kysely<Database>;
type QueuedRow = Selectable<Database["mqtt_queue"]>;

export async function readMqttSessions(sql: Sql) {
  const sessions = await sql.selectFrom("mqtt_sessions").selectAll().execute();
  const queued = await sql.selectFrom("mqtt_queue").selectAll().orderBy("position").execute();
  return { sessions, queued };
}

export async function putMqttSession(
  sql: Sql,
  row: Insertable<Database["mqtt_sessions"]>,
): Promise<void> {
  await sql
    .insertInto("mqtt_sessions")
    .values(row)
    .onConflict((known) =>
      known.column("session_id").doUpdateSet(({ ref }) => ({
        filters: ref("excluded.filters"),
        seen_at_ms: ref("excluded.seen_at_ms"),
      })),
    )
    .execute();
}

/** The queue first: after a crash between the two an empty session is left, not a queue of nobody. */
export async function deleteMqttSession(sql: Sql, sessionId: string): Promise<void> {
  await sql.deleteFrom("mqtt_queue").where("session_id", "=", sessionId).execute();
  await sql.deleteFrom("mqtt_sessions").where("session_id", "=", sessionId).execute();
}

export async function addQueued(sql: Sql, rows: readonly QueuedRow[]): Promise<void> {
  await sql.insertInto("mqtt_queue").values(rows).execute();
}

export async function deleteQueued(
  sql: Sql,
  sessionId: string,
  positions: readonly number[],
): Promise<void> {
  await sql
    .deleteFrom("mqtt_queue")
    .where("session_id", "=", sessionId)
    .where("position", "in", positions)
    .execute();
}
