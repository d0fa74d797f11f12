import { expect, test } from "vitest";
import {
  addPending,
  extendPending,
  forgetPending,
  pendingOfCapture,
  pendingOfKey,
  pendingUploads,
} from "../../../server-min/storage/pending-uploads.ts";
import type { PendingUpload } from "../../../server-min/storage/schema.ts";
import { NOON_MS, PHOTO_SHA256 } from "../server-fixture.ts";
import { describeDatabases } from "./databases.ts";

function pending(captureId: string, expires_at_ms: number): PendingUpload {
  return {
    ...{ key: `photos/feeder-1/${captureId}.jpg`, device_id: "feeder-1", capture_id: captureId },
    ...{ kind: "photos", content_type: "image/jpeg", bytes: 52, sha256: PHOTO_SHA256 },
    ...{ captured_at_ms: NOON_MS, expires_at_ms },
  };
}

describeDatabases(({ make }) => {
  test("an upload that is waited for is there once, until it is forgotten", async () => {
    const sql = await (await make()).open();
    const late = pending("late", NOON_MS + 2);
    const soon = pending("soon", NOON_MS + 1);
    for (const upload of [late, soon, { ...soon, bytes: 1 }]) await addPending(sql, upload);
    await addPending(sql, { ...soon, key: "photos/feeder-1/other.jpg" });
    expect(await pendingUploads(sql)).toEqual([soon, late]);
    const capture = { deviceId: "feeder-1", captureId: "soon", key: "photos/feeder-1/other.jpg" };
    expect(await pendingOfCapture(sql, capture)).toEqual(soon);
    await extendPending(sql, soon.key, NOON_MS + 3);
    expect(await pendingUploads(sql)).toEqual([late, { ...soon, expires_at_ms: NOON_MS + 3 }]);
    expect(await pendingOfKey(sql, { deviceId: "feeder-2", key: late.key })).toBeUndefined();
    await forgetPending(sql, late.key);
    expect(await pendingOfKey(sql, { deviceId: "feeder-1", key: late.key })).toBeUndefined();
  });
});
