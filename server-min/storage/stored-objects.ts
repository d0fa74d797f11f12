import type { Kysely } from "kysely";
import { preparedFor, preparedWrite } from "./prepared-query.ts";
import type { Database, StoredObject } from "./schema.ts";

type Sql = Kysely<Database>;

/** One that the index shows. */
export async function objectByKey(sql: Sql, key: string): Promise<StoredObject | undefined> {
  return sql
    .selectFrom("objects")
    .selectAll()
    .where("key", "=", key)
    .where("removed_at_ms", "is", null)
    .executeTakeFirst();
}

const capture = preparedFor((sql) =>
  sql
    .selectFrom("objects")
    .selectAll()
    .where((is) =>
      is.or([is("key", "=", ""), is.and([is("device_id", "=", ""), is("capture_id", "=", "")])]),
    ),
);

/** The object this capture already has or had, or the one that already has this key. */
export async function objectOfCapture(
  sql: Sql,
  {
    deviceId,
    captureId,
    key,
  }: { readonly deviceId: string; readonly captureId: string; readonly key: string },
): Promise<StoredObject | undefined> {
  const [object] = await capture(sql, key, deviceId, captureId);
  return object;
}

/** A row of every column, for the shape of the statement alone. */
const SAMPLE: StoredObject = {
  key: "",
  device_id: "",
  capture_id: "",
  kind: "photos",
  content_type: "",
  bytes: 0,
  sha256: "",
  captured_at_ms: 0,
  day: "",
  stored_at_ms: 0,
  acked_at_ms: null,
  saved_at_ms: null,
  removed_at_ms: null,
  freed_at_ms: null,
};
const COLUMNS = Object.keys(SAMPLE) as (keyof StoredObject)[];

const insert = preparedWrite((sql) =>
  sql
    .insertInto("objects")
    .values(SAMPLE)
    .onConflict((known) => known.doNothing())
    .returning("key"),
);

/** False when another server stored that capture, or that key, meanwhile. */
export async function insertObject(sql: Sql, object: StoredObject): Promise<boolean> {
  const inserted = await insert(sql, ...COLUMNS.map((column) => object[column]));
  return inserted.length > 0;
}

const dayObjects = preparedFor((sql) =>
  sql
    .selectFrom("objects")
    .selectAll()
    .where("device_id", "=", "")
    .where("day", "=", "")
    .where("removed_at_ms", "is", null)
    .where((of) => of(of.refTuple("captured_at_ms", "key"), ">", of.tuple(0, "")))
    .orderBy("captured_at_ms")
    .orderBy("key")
    .limit(0),
);

export interface PartOfDay {
  /** Where the part before it ended. */
  readonly after: Pick<StoredObject, "captured_at_ms" | "key">;
  readonly limit: number;
}

const WHOLE_DAY: PartOfDay = {
  after: { captured_at_ms: Number.MIN_SAFE_INTEGER, key: "" },
  limit: Number.MAX_SAFE_INTEGER,
};

/** Oldest capture first. */
export async function objectsOfDay(
  sql: Sql,
  { deviceId, date }: { readonly deviceId: string; readonly date: string },
  { after, limit }: PartOfDay = WHOLE_DAY,
): Promise<readonly StoredObject[]> {
  return dayObjects(sql, deviceId, date, after.captured_at_ms, after.key, limit);
}

/** Newest day first. */
export async function daysOfDevice(
  sql: Sql,
  deviceId: string,
): Promise<{ date: string; count: number }[]> {
  return sql
    .selectFrom("objects")
    .select((of) => ["day as date", of.fn.countAll<number>().as("count")])
    .where("device_id", "=", deviceId)
    .where("removed_at_ms", "is", null)
    .groupBy("day")
    .orderBy("day", "desc")
    .execute();
}

const acknowledged = preparedWrite((sql) =>
  sql
    .updateTable("objects")
    .set({ acked_at_ms: 0 })
    .where("key", "=", "")
    .where("device_id", "=", "")
    .where("acked_at_ms", "is", null)
    .returningAll(),
);

/** The object when this call is the one that set it: an object is acknowledged once. */
export async function markAcked(
  sql: Sql,
  object: { readonly deviceId: string; readonly key: string; readonly nowMs: number },
): Promise<StoredObject | undefined> {
  const [acked] = await acknowledged(sql, object.nowMs, object.key, object.deviceId);
  return acked;
}

/** When the newest of all objects arrived; undefined before the first. */
export async function lastArrivalMs(sql: Sql): Promise<number | undefined> {
  const newest = await sql
    .selectFrom("objects")
    .select("stored_at_ms")
    .orderBy("stored_at_ms", "desc")
    .limit(1)
    .executeTakeFirst();
  return newest?.stored_at_ms;
}

/** The days of everything stored within `windowMs` before the newest object. */
export async function daysStoredLast(
  sql: Sql,
  windowMs: number,
): Promise<{ deviceId: string; date: string }[]> {
  return sql
    .selectFrom("objects")
    .select(["device_id as deviceId", "day as date"])
    .distinct()
    .where("stored_at_ms", ">=", (newest) =>
      newest
        .selectFrom("objects")
        .select(({ eb, fn }) => eb(fn.max("stored_at_ms"), "-", windowMs).as("since")),
    )
    .execute();
}
