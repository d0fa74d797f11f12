import type { Kysely } from "kysely";
import { preparedFor } from "./prepared-query.ts";
import type { Database } from "./schema.ts";

type Sql = Kysely<Database>;

const valid = preparedFor((sql) =>
  sql
    .selectFrom("api_keys")
    .select("name")
    .where("id", "=", "")
    .where("key_sha256", "=", "")
    .where("revoked_at_ms", "is", null),
);

/** Whose key it is; undefined for one that is not, or not any more. */
export async function apiKeyName(sql: Sql, id: string, hash: string): Promise<string | undefined> {
  const [key] = await valid(sql, id, hash);
  return key?.name;
}

/** False when the name is taken. */
export async function insertApiKey(
  sql: Sql,
  key: {
    readonly id: string;
    readonly name: string;
    readonly hash: string;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const { id, name, hash, nowMs } = key;
  const made = await sql
    .insertInto("api_keys")
    .values({ id, name, key_sha256: hash, created_at_ms: nowMs, revoked_at_ms: null })
    .onConflict((taken) => taken.doNothing())
    .returning("id")
    .executeTakeFirst();
  return made !== undefined;
}

export async function listApiKeys(sql: Sql) {
  return sql
    .selectFrom("api_keys")
    .select(["id", "name", "created_at_ms as createdTs", "revoked_at_ms as revokedTs"])
    .orderBy("created_at_ms")
    .orderBy("id")
    .execute();
}

/** Its name; undefined when there is no such key that is still good. */
export async function revokeApiKey(
  sql: Sql,
  id: string,
  nowMs: number,
): Promise<string | undefined> {
  const revoked = await sql
    .updateTable("api_keys")
    .set({ revoked_at_ms: nowMs })
    .where("id", "=", id)
    .where("revoked_at_ms", "is", null)
    .returning("name")
    .executeTakeFirst();
  return revoked?.name;
}
