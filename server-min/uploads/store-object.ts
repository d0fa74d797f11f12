import type { Kysely } from "kysely";
import { utcDate } from "../../protocol/day-index.ts";
import type { ObjectWriter } from "../ports.ts";
import type { UploadGrant } from "../presign/upload-token.ts";
import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";
import type { Database, StoredObject } from "../storage/schema.ts";
import { insertObject, objectOfCapture } from "../storage/stored-objects.ts";
import type { Received } from "./receive-object.ts";

/**
 * Makes received bytes the object of their capture. A repeated capture gives up its own bytes for the stored ones.
 * Uploads of one device must take turns here: the look-up, the commit and the row are three steps.
 */
export async function storeObject(
  sql: Kysely<Database>,
  upload: {
    readonly grant: UploadGrant;
    readonly received: Received;
    readonly writer: ObjectWriter;
    readonly nowMs: number;
  },
): Promise<{ readonly kind: "stored"; readonly object: StoredObject } | Refusal> {
  const { grant, received, writer } = upload;
  const existing = await objectOfCapture(sql, grant);
  if (existing !== undefined) {
    const isSame = existing.sha256 === received.sha256;
    return isSame ? { kind: "stored", object: existing } : refused("object_exists");
  }
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
    stored_at_ms: upload.nowMs,
    acked_at_ms: null,
  };
  // First the object, then its row: a crash between leaves an object nobody lists, and the upload is repeated.
  await writer.commit();
  await insertObject(sql, object);
  return { kind: "stored", object };
}
