import type { Kysely } from "kysely";
import type { DayIndex } from "../../protocol/day-index.ts";
import type { Database, StoredObject } from "../storage/schema.ts";
import { objectsOfDay } from "../storage/stored-objects.ts";

interface Day {
  readonly deviceId: string;
  readonly date: string;
  readonly nowMs: number;
}

export async function readDayIndex(sql: Kysely<Database>, day: Day): Promise<DayIndex> {
  return describeDay(day, await objectsOfDay(sql, day));
}

export function describeDay(
  { deviceId, date, nowMs }: Day,
  objects: readonly StoredObject[],
): DayIndex {
  return {
    deviceId,
    date,
    generatedTs: nowMs,
    updatedTs: objects.reduce((newest, { stored_at_ms }) => Math.max(newest, stored_at_ms), 0),
    events: objects.map((object) => ({
      id: object.capture_id,
      ts: object.captured_at_ms,
      key: object.key,
      kind: object.kind,
      bytes: object.bytes,
      sha256: object.sha256,
      saved: object.saved_at_ms !== null,
    })),
  };
}
