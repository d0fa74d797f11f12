import type { Insertable, Kysely } from "kysely";
import type { Database, FirmwareLogRow } from "./schema.ts";

type Sql = Kysely<Database>;

/** Some 20 MB; a feeder that polls and updates leaves a few rows a month. */
const ROWS_MAX = 100_000;

/** A report that is in the log already is not logged again. */
export async function logFirmware(
  sql: Sql,
  entry: Insertable<Database["firmware_log"]>,
): Promise<void> {
  const logged = await sql
    .insertInto("firmware_log")
    .values(entry)
    .onConflict((known) => known.columns(["device_id", "report_id"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  if (logged === undefined) return;
  await sql
    .deleteFrom("firmware_log")
    .where("id", "<=", logged.id - ROWS_MAX)
    .execute();
}

/** Newest first. */
export async function readFirmwareLog(
  sql: Sql,
  query: { readonly deviceId: string | undefined; readonly limit: number },
): Promise<FirmwareLogRow[]> {
  const { deviceId, limit } = query;
  return sql
    .selectFrom("firmware_log")
    .selectAll()
    .$if(deviceId !== undefined, (rows) => rows.where("device_id", "=", deviceId ?? ""))
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}
