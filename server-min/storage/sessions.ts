import type { Kysely } from "kysely";
import { preparedFor } from "./prepared-query.ts";
import type { Database } from "./schema.ts";

type Sql = Kysely<Database>;

/** Takes the expired ones away as it goes: nobody else looks at them again. */
export async function insertSession(
  sql: Sql,
  session: {
    readonly hash: string;
    readonly name: string;
    readonly nowMs: number;
    readonly expiresAtMs: number;
  },
): Promise<void> {
  await sql.deleteFrom("sessions").where("expires_at_ms", "<=", session.nowMs).execute();
  const { hash, name, nowMs, expiresAtMs } = session;
  await sql
    .insertInto("sessions")
    .values({ token_sha256: hash, name, created_at_ms: nowMs, expires_at_ms: expiresAtMs })
    .execute();
}

const open = preparedFor((sql) =>
  sql
    .selectFrom("sessions")
    .select("name")
    .where("token_sha256", "=", "")
    .where("expires_at_ms", ">", 0),
);

export async function sessionName(
  sql: Sql,
  hash: string,
  nowMs: number,
): Promise<string | undefined> {
  const [session] = await open(sql, hash, nowMs);
  return session?.name;
}

/** Whose it was; undefined when there was none. */
export async function deleteSession(sql: Sql, hash: string): Promise<string | undefined> {
  const deleted = await sql
    .deleteFrom("sessions")
    .where("token_sha256", "=", hash)
    .returning("name")
    .executeTakeFirst();
  return deleted?.name;
}

export async function deleteSessionsBefore(sql: Sql, beforeMs: number): Promise<void> {
  await sql.deleteFrom("sessions").where("created_at_ms", "<", beforeMs).execute();
}
