import type { Kysely } from "kysely";
import { utcDate } from "../../protocol/day-index.ts";
import type { UploadGrant } from "../presign/upload-token.ts";
import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";
import type { Database, StoredObject } from "../storage/schema.ts";
import { insertObject, objectOfCapture } from "../storage/stored-objects.ts";
import type { Received } from "./receive-object.ts";

/** Bytes that are all there, and become an object of the store by `commit`. */
export interface Arrival {
  readonly grant: Omit<UploadGrant, "expiresAtMs">;
  readonly received: Omit<Received, "kind">;
  commit(): void | Promise<void>;
}

type StoreResult = { readonly kind: "stored"; readonly object: StoredObject } | Refusal;

/**
 * Makes received bytes the object of their capture. A repeated capture gives up its own bytes for the stored ones, also
 * for stored ones whose time is over: a feeder that was away for long must not bring them back.
 * Uploads of one device must take turns here: the look-up, the commit and the row are three steps.
 */
export async function storeObject(
  sql: Kysely<Database>,
  arrival: Arrival & { readonly nowMs: number },
): Promise<StoreResult> {
  const { grant, received } = arrival;
  const existing = await objectOfCapture(sql, grant);
  if (existing !== undefined) return repeated(existing, received);
  const object: StoredObject = {
    key: grant.key,
    device_id: grant.deviceId,
    capture_id: grant.captureId,
    kind: grant.kind,
    content_type: grant.contentType,
    bytes: received.bytes,
    sha256: received.sha256,
    captured_at_ms: grant.capturedAtMs,
    day: utcDate(grant.capturedAtMs),
    stored_at_ms: arrival.nowMs,
    acked_at_ms: null,
    saved_at_ms: null,
    removed_at_ms: null,
    freed_at_ms: null,
  };
  // First the object, then its row: a crash between leaves an object nobody lists, and the upload is repeated.
  await arrival.commit();
  if (await insertObject(sql, object)) return { kind: "stored", object };
  // Another server on this database was faster: its row is the object's.
  return repeated(await objectOfCapture(sql, grant), received);
}

function repeated(
  existing: StoredObject | undefined,
  { sha256 }: Arrival["received"],
): StoreResult {
  const isSame = existing?.sha256 === sha256;
  return isSame ? { kind: "stored", object: existing } : refused("object_exists");
}
