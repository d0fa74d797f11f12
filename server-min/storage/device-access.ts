import type { Kysely } from "kysely";
import { preparedFor } from "./prepared-query.ts";
import type { Database } from "./schema.ts";

type Sql = Kysely<Database>;

const SECOND_MS = 1_000;
/** So often may a name be let in within a second; times further ahead are of a clock that was wrong. */
const SECONDS_TAKEN_MAX = 60;

const accepted = preparedFor((sql) =>
  sql
    .selectFrom("device_access")
    .select("tokens_from_ms")
    .where("device_id", "=", "")
    .where("revoked_at_ms", "is", null),
);

/** Tokens issued before are not good any more; undefined for a device that may not come in at all. */
export async function tokensAcceptedFromMs(
  sql: Sql,
  deviceId: string,
): Promise<number | undefined> {
  const [access] = await accepted(sql, deviceId);
  return access?.tokens_from_ms;
}

/** Lets the device in from now on, and nobody who was let in under its name before. */
export async function acceptDevice(sql: Sql, deviceId: string, nowMs: number): Promise<void> {
  // A token tells its time in whole seconds; one of this very second may be of whoever was in before.
  const fromMs = Math.ceil(nowMs / SECOND_MS) * SECOND_MS;
  await sql
    .insertInto("device_access")
    .values({ device_id: deviceId, tokens_from_ms: fromMs, revoked_at_ms: null })
    .onConflict((known) =>
      known.column("device_id").doUpdateSet(({ eb, ref, lit }) => {
        const before = ref("device_access.tokens_from_ms");
        const isTaken = eb.and([
          eb(before, ">=", lit(fromMs)),
          eb(before, "<", lit(fromMs + SECONDS_TAKEN_MAX * SECOND_MS)),
        ]);
        const afterIt = eb(before, "+", lit(SECOND_MS));
        const next = eb.case().when(isTaken).then(afterIt).else(lit(fromMs)).end();
        return { tokens_from_ms: next, revoked_at_ms: null };
      }),
    )
    .execute();
}

/** False when it had none. */
export async function revokeDevice(sql: Sql, deviceId: string, nowMs: number): Promise<boolean> {
  const revoked = await sql
    .updateTable("device_access")
    .set({ revoked_at_ms: nowMs })
    .where("device_id", "=", deviceId)
    .where("revoked_at_ms", "is", null)
    .returning("device_id")
    .executeTakeFirst();
  return revoked !== undefined;
}

export interface AcceptedDevice {
  readonly deviceId: string;
  /** What people call it. */
  readonly name: string | null;
  readonly sinceMs: number;
  /** Null for one that has not asked for anything yet. */
  readonly lastSeenMs: number | null;
}

/** Those that may come in, by id. */
export async function acceptedDevices(sql: Sql, limit: number): Promise<AcceptedDevice[]> {
  return sql
    .selectFrom("device_access")
    .leftJoin("devices", "devices.device_id", "device_access.device_id")
    .select(({ fn }) => [
      "device_access.device_id as deviceId",
      fn.coalesce("given_name", "told_name").as("name"),
      "tokens_from_ms as sinceMs",
      "last_seen_ms as lastSeenMs",
    ])
    .where("revoked_at_ms", "is", null)
    .orderBy("deviceId")
    .limit(limit)
    .execute();
}
