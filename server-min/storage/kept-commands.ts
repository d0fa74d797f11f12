import type { Insertable, Kysely, Selectable } from "kysely";
import type { Database } from "./schema.ts";

type Sql = Kysely<Database>;

/** Replaces an earlier one of the same name: what was asked for last is what is wanted. */
export async function keepCommand(
  sql: Sql,
  row: Insertable<Database["kept_commands"]>,
): Promise<void> {
  await sql
    .insertInto("kept_commands")
    .values(row)
    .onConflict((known) =>
      known.columns(["device_id", "name"]).doUpdateSet(({ ref }) => ({
        message: ref("excluded.message"),
        kept_at_ms: ref("excluded.kept_at_ms"),
      })),
    )
    .execute();
}

/** Oldest first. One statement: of several processes that ask, one gets them. */
export async function takeKeptCommands(
  sql: Sql,
  deviceId: string,
): Promise<Selectable<Database["kept_commands"]>[]> {
  const taken = await sql
    .deleteFrom("kept_commands")
    .where("device_id", "=", deviceId)
    .returningAll()
    .execute();
  return taken.sort((one, other) => one.kept_at_ms - other.kept_at_ms);
}

export async function forgetKeptCommands(sql: Sql, beforeMs: number): Promise<void> {
  await sql.deleteFrom("kept_commands").where("kept_at_ms", "<", beforeMs).execute();
}

export async function countKeptCommands(sql: Sql, deviceId: string): Promise<number> {
  const { count } = await sql
    .selectFrom("kept_commands")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("device_id", "=", deviceId)
    .executeTakeFirstOrThrow();
  return Number(count);
}
