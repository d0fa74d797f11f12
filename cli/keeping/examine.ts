import { sql as text } from "kysely";
import type { DayIndex } from "../../protocol/day-index.ts";
import { parseRecord } from "../../protocol/json.ts";
import { dayIndexKey, parseObjectKey } from "../../protocol/object-key.ts";
import { readDayIndex } from "../../server-min/day-index/day-index.ts";
import { imageKey } from "../../server-min/firmware/publish-release.ts";
import { hashObject, LAST_BYTE } from "../../server-min/keeping/adopt-object.ts";
import type { ObjectStore } from "../../server-min/ports.ts";
import type { EmbeddedStores } from "./embedded-stores.ts";

/** Something that is not as it should be. */
export interface Finding {
  readonly problem:
    | "database_missing"
    | "database_damaged"
    | "row_missing"
    | "object_missing"
    | "objects_gone"
    | "object_damaged"
    | "object_left_over"
    | "name_unknown"
    | "day_file_wrong"
    | "image_missing"
    | "image_damaged"
    | "disk_low";
  /** Of the object it is about, or a name. */
  readonly at: string;
  readonly detail: string;
}

type Stores = Pick<EmbeddedStores, "sql" | "objects">;

const MEDIA_FOLDERS = ["photos/", "clips/"];
const DAY_FILE = /^photos\/([^/]+)\/indices\/day-(\d{4}-\d{2}-\d{2})\.json$/;
const ROWS_PER_PAGE = 1_000;

/** The database against the objects, both ways. `deep` reads and hashes all bytes. */
export async function* examineObjects(
  { sql, objects }: Stores,
  deep: boolean,
): AsyncGenerator<Finding> {
  const unseen = await listMedia(objects);
  let after = "";
  for (;;) {
    const rows = await sql
      .selectFrom("objects")
      .select(["key", "bytes", "sha256", "removed_at_ms", "freed_at_ms"])
      .where("key", ">", after)
      .orderBy("key")
      .limit(ROWS_PER_PAGE)
      .execute();
    for (const { key, bytes, sha256, removed_at_ms, freed_at_ms } of rows) {
      const foundBytes = unseen.get(key);
      unseen.delete(key);
      if (removed_at_ms !== null) {
        if (freed_at_ms !== null && foundBytes !== undefined) yield leftOver(key);
      } else if (foundBytes === undefined) {
        yield {
          problem: "object_missing",
          at: key,
          detail: "the index shows it, its bytes are gone",
        };
      } else if (foundBytes !== bytes) {
        const detail = `${foundBytes} bytes, and not ${bytes}`;
        yield { problem: "object_damaged", at: key, detail };
      } else if (deep && (await hashObject(objects, key))?.sha256 !== sha256) {
        yield { problem: "object_damaged", at: key, detail: "its SHA-256 is another one" };
      }
    }
    after = rows.at(-1)?.key ?? "";
    if (rows.length < ROWS_PER_PAGE) break;
  }
  for (const key of unseen.keys()) yield unlisted(key);
}

/** Fewer may all have been deleted by hand. */
const OBJECTS_GONE_MIN = 10;

/** Undefined unless every object that the index shows is missing: more likely than that is a disk that is not mounted. */
export async function examineLoss(
  { sql }: Pick<Stores, "sql">,
  findings: readonly Finding[],
): Promise<Finding | undefined> {
  const missing = findings.filter(({ problem }) => problem === "object_missing").length;
  if (missing < OBJECTS_GONE_MIN) return undefined;
  const { count } = await sql
    .selectFrom("objects")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("removed_at_ms", "is", null)
    .executeTakeFirstOrThrow();
  if (missing < Number(count)) return undefined;
  const detail = `none of the ${count} that the index shows is there: is their disk mounted?`;
  return { problem: "objects_gone", at: "objects", detail };
}

function leftOver(key: string): Finding {
  return { problem: "object_left_over", at: key, detail: "its time is over, its bytes are there" };
}

function unlisted(key: string): Finding {
  return parseObjectKey(key) === undefined
    ? { problem: "name_unknown", at: key, detail: "no photo or clip of the server has such a name" }
    : { problem: "row_missing", at: key, detail: "no index shows it" };
}

/** Sizes by key, without the files of the days. */
async function listMedia(objects: ObjectStore): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const folder of MEDIA_FOLDERS) {
    for await (const { key, bytes } of objects.list(folder)) {
      if (!DAY_FILE.test(key)) found.set(key, bytes);
    }
  }
  return found;
}

/** The files of the days against the database; `nowMs` is what a file written now would say. */
export async function* examineDayFiles(
  { sql, objects }: Stores,
  nowMs: number,
): AsyncGenerator<Finding & { readonly index: DayIndex }> {
  const days = await sql
    .selectFrom("objects")
    .select(["device_id as deviceId", "day as date"])
    .where("removed_at_ms", "is", null)
    .distinct()
    .execute();
  const wanted = new Map(days.map((day) => [dayIndexKey(day.deviceId, day.date), day]));
  for await (const { key } of objects.list("photos/")) {
    const [, deviceId, date] = DAY_FILE.exec(key) ?? [];
    if (deviceId !== undefined && date !== undefined) wanted.set(key, { deviceId, date });
  }
  for (const [at, day] of wanted) {
    const index = await readDayIndex(sql, { ...day, nowMs });
    const events = (await readDayFile(objects, at))?.events;
    if (JSON.stringify(events) === JSON.stringify(index.events)) continue;
    const detail = events === undefined ? "missing or unreadable" : "not what the database says";
    yield { problem: "day_file_wrong", at, detail, index };
  }
}

export async function readDayFile(
  objects: ObjectStore,
  key: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const body = await objects.read(key, 0, LAST_BYTE);
  return body && parseRecord(await new Response(body).text());
}

/** Images are few, and a feeder refuses a damaged one: they are always read. */
export async function* examineImages({ sql, objects }: Stores): AsyncGenerator<Finding> {
  const releases = await sql.selectFrom("releases").select(["version", "sha256"]).execute();
  for (const { version, sha256 } of releases) {
    const found = await hashObject(objects, imageKey(sha256));
    const at = `firmware ${version}`;
    if (found === undefined) {
      yield { problem: "image_missing", at, detail: "publish it again" };
    } else if (found.sha256 !== sha256) {
      yield {
        problem: "image_damaged",
        at,
        detail: "its SHA-256 is another one: publish it again",
      };
    }
  }
}

/** SQLite's own look at its file. */
export async function* examineDatabase({ sql }: Stores): AsyncGenerator<Finding> {
  const { rows } = await text<{ integrity_check: string }>`PRAGMA integrity_check(3)`.execute(sql);
  for (const { integrity_check: said } of rows) {
    if (said !== "ok") yield { problem: "database_damaged", at: "database", detail: said };
  }
}
