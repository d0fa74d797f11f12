import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import { utcDate } from "../../protocol/day-index.ts";
import { captureOfKey, parseObjectKey } from "../../protocol/object-key.ts";
import { captureIdOfKey } from "../compat/bucket-key.ts";
import { mediaOf } from "../compat/presign-kinds.ts";
import type { ObjectStore } from "../ports.ts";
import type { Database, StoredObject } from "../storage/schema.ts";
import { insertObject, objectOfCapture } from "../storage/stored-objects.ts";

/** Of any object: whoever reads to here reads all. */
export const LAST_BYTE = Number.MAX_SAFE_INTEGER - 1;

/** What a day's file still knows of an object. */
export interface KnownCapture {
  readonly captureId: string;
  readonly capturedAtMs: number;
  readonly saved: boolean;
}

export type Adoption =
  | { readonly kind: "adopted"; readonly object: StoredObject }
  /** Another object is the one of this capture. */
  | { readonly kind: "duplicate" }
  | { readonly kind: "listed" }
  | { readonly kind: "gone" };

/** Gives an object that has none its row again: its name says whose and when, its bytes say what. */
export async function adoptObject(
  { sql, objects }: { readonly sql: Kysely<Database>; readonly objects: ObjectStore },
  key: string,
  { nowMs, known }: { readonly nowMs: number; readonly known?: KnownCapture | undefined },
): Promise<Adoption> {
  const parts = parseObjectKey(key);
  if (parts === undefined) return { kind: "gone" };
  const { deviceId, kind, fileName } = parts;
  const capture = known ??
    captureOfKey(key) ?? { captureId: captureIdOfKey(key), capturedAtMs: nowMs };
  const { captureId, capturedAtMs } = capture;
  const existing = await objectOfCapture(sql, { deviceId, captureId, key });
  if (existing !== undefined) {
    // Another server on this database may have brought the row of this very object.
    const isItself = existing.key === key && existing.freed_at_ms === null;
    return { kind: isItself ? "listed" : "duplicate" };
  }
  const found = await hashObject(objects, key);
  if (found === undefined) return { kind: "gone" };
  const object: StoredObject = {
    key,
    device_id: deviceId,
    capture_id: captureId,
    kind,
    content_type: mediaOf({ kind, objectKey: fileName }).contentType,
    ...found,
    captured_at_ms: capturedAtMs,
    day: utcDate(capturedAtMs),
    // When it came is forgotten: it is kept as if it came now.
    stored_at_ms: nowMs,
    acked_at_ms: null,
    saved_at_ms: known?.saved === true ? nowMs : null,
    removed_at_ms: null,
    freed_at_ms: null,
  };
  if (!(await insertObject(sql, object))) return { kind: "listed" };
  await sql
    .insertInto("devices")
    .values({ device_id: deviceId, last_seen_ms: capturedAtMs })
    .onConflict((known) => known.doNothing())
    .execute();
  return { kind: "adopted", object };
}

/** Undefined when there is no such object. */
export async function hashObject(
  objects: ObjectStore,
  key: string,
): Promise<{ readonly bytes: number; readonly sha256: string } | undefined> {
  const body = await objects.read(key, 0, LAST_BYTE);
  if (body === undefined) return undefined;
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}
