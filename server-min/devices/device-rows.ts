import type { Kysely } from "kysely";
import { isDiskFull } from "../keeping/disk-guard.ts";
import { preparedFor } from "../storage/prepared-query.ts";
import type { Database } from "../storage/schema.ts";

type Sql = Kysely<Database>;

/** Each write is a sync of the disk, as dear as the photo's own row; a burst of photos needs one. */
const SEEN_STEP_MS = 60_000;

const seen = preparedFor((sql) =>
  sql
    .insertInto("devices")
    .values({ device_id: "", last_seen_ms: 0 })
    .onConflict((known) =>
      known
        .column("device_id")
        .doUpdateSet(({ ref }) => ({ last_seen_ms: ref("excluded.last_seen_ms") }))
        .where(({ eb, ref, lit, or }) => {
          const [now, before] = [ref("excluded.last_seen_ms"), ref("devices.last_seen_ms")];
          // Earlier than before: the server's clock was put right.
          return or([eb(eb(now, "-", before), ">=", lit(SEEN_STEP_MS)), eb(now, "<", before)]);
        }),
    ),
);

/**
 * A device exists from its first discovery or upload on; when it was seen is kept to the minute. A disk that is full is no
 * reason to send a feeder away: its events go through the rooms all the same.
 */
export async function touchDevice(sql: Sql, deviceId: string, nowMs: number): Promise<void> {
  await seen(sql, deviceId, nowMs).catch((error: unknown) => {
    if (!isDiskFull(error)) throw error;
  });
}

/** Whether anything was ever heard of a device. */
export async function isKnownDevice(sql: Sql, deviceId: string): Promise<boolean> {
  const known = await sql
    .selectFrom("devices")
    .select("device_id")
    .where("device_id", "=", deviceId)
    .union(sql.selectFrom("device_firmware").select("device_id").where("device_id", "=", deviceId))
    .executeTakeFirst();
  return known !== undefined;
}

/** Devices by id, each with its newest photo and the number of photos it took on the UTC day. */
export async function listDevices(
  sql: Sql,
  asked: {
    readonly today: string;
    /** Undefined: all. */
    readonly among: readonly string[] | undefined;
    readonly after: string | undefined;
    readonly limit: number;
  },
) {
  const { today, among, after, limit } = asked;
  return sql
    .selectFrom("devices")
    .leftJoin("objects as last", (join) =>
      join.on("last.key", "=", ({ selectFrom }) =>
        selectFrom("objects as photo")
          .select("photo.key")
          .whereRef("photo.device_id", "=", "devices.device_id")
          .where("photo.kind", "=", "photos")
          .where("photo.removed_at_ms", "is", null)
          .orderBy("photo.day", "desc")
          .orderBy("photo.captured_at_ms", "desc")
          .limit(1),
      ),
    )
    .select(({ selectFrom, fn }) => [
      fn.coalesce("devices.given_name", "devices.told_name").as("name"),
      "devices.device_id as deviceId",
      "devices.last_seen_ms as lastSeenMs",
      "last.key as lastKey",
      "last.captured_at_ms as lastCapturedMs",
      selectFrom("objects as photo")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .whereRef("photo.device_id", "=", "devices.device_id")
        .where("photo.day", "=", today)
        .where("photo.kind", "=", "photos")
        .where("photo.removed_at_ms", "is", null)
        .as("photosToday"),
    ])
    .$if(among !== undefined, (rows) => rows.where("devices.device_id", "in", [...(among ?? [])]))
    .$if(after !== undefined, (rows) => rows.where("devices.device_id", ">", after ?? ""))
    .orderBy("deviceId")
    .limit(limit)
    .execute();
}
