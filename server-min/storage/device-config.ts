import type { Insertable, Kysely } from "kysely";
import { preparedFor } from "./prepared-query.ts";
import type { ConfigVersion, Database, ToldConfig } from "./schema.ts";

type Sql = Kysely<Database>;

/** Older ones of a device are forgotten: who wants to know what was set a year ago reads the audit log. */
const VERSIONS_MAX = 50;

const newest = preparedFor((sql) =>
  sql
    .selectFrom("config_versions")
    .selectAll()
    .where("device_id", "=", "")
    .orderBy("version", "desc")
    // Written in, for it must be no parameter.
    .limit((is) => is.lit(1)),
);

/** The newest version; undefined where nothing was ever set. */
export async function wantedConfig(sql: Sql, deviceId: string): Promise<ConfigVersion | undefined> {
  const [row] = await newest(sql, deviceId);
  return row;
}

export async function configVersion(
  sql: Sql,
  deviceId: string,
  version: number,
): Promise<ConfigVersion | undefined> {
  return sql
    .selectFrom("config_versions")
    .selectAll()
    .where("device_id", "=", deviceId)
    .where("version", "=", version)
    .executeTakeFirst();
}

/** False when there is such a version: somebody else was first. */
export async function addConfigVersion(
  sql: Sql,
  row: Insertable<Database["config_versions"]>,
): Promise<boolean> {
  const { device_id: deviceId, version } = row;
  const { numInsertedOrUpdatedRows } = await sql
    .insertInto("config_versions")
    .values(row)
    .onConflict((known) => known.doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) return false;
  await sql
    .deleteFrom("config_versions")
    .where("device_id", "=", deviceId)
    .where("version", "<=", version - VERSIONS_MAX)
    .execute();
  return true;
}

export async function toldConfig(sql: Sql, deviceId: string): Promise<ToldConfig | undefined> {
  return sql
    .selectFrom("config_reports")
    .selectAll()
    .where("device_id", "=", deviceId)
    .executeTakeFirst();
}

export async function putToldConfig(sql: Sql, row: ToldConfig): Promise<void> {
  const { device_id: _, ...told } = row;
  await sql
    .insertInto("config_reports")
    .values(row)
    .onConflict((known) => known.column("device_id").doUpdateSet(told))
    .execute();
}
