import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openSqlite } from "../../server-min/storage/node-sqlite.ts";
import type { StoredObject } from "../../server-min/storage/schema.ts";
import { insertObject, objectsOfDay } from "../../server-min/storage/stored-objects.ts";

const DAY = "2026-05-01";

function photo(captureId: string, other: Partial<StoredObject> = {}): StoredObject {
  const key = `photos/feeder-1/${captureId}.jpg`;
  return {
    ...{ key, device_id: "feeder-1", capture_id: captureId, kind: "photos" },
    ...{ content_type: "image/jpeg", bytes: 1, sha256: "", captured_at_ms: 1, day: DAY },
    ...{ stored_at_ms: 1, acked_at_ms: null, saved_at_ms: null, removed_at_ms: null },
    ...{ freed_at_ms: null, ...other },
  };
}

async function openFile() {
  const folder = await mkdtemp(join(tmpdir(), "skyfeeder-commits-"));
  const sql = openSqlite(join(folder, "skyfeeder.db"));
  onTestFinished(async () => {
    await sql.destroy();
    await rm(folder, { recursive: true });
  });
  const logBytes = async () => (await stat(join(folder, "skyfeeder.db-wal"))).size;
  return { sql, logBytes };
}

/** What no STRICT table takes. */
const UNFIT = { bytes: "many" as unknown as number };

test("of rows written at once, one that the database refuses keeps none of the others out", async () => {
  const { sql } = await openFile();
  const written = await Promise.allSettled([
    insertObject(sql, photo("c1")),
    insertObject(sql, photo("c2", UNFIT)),
    insertObject(sql, photo("c1")),
    insertObject(sql, photo("c3")),
  ]);
  expect(written).toMatchObject([
    { status: "fulfilled", value: true },
    { status: "rejected" },
    { status: "fulfilled", value: false },
    { status: "fulfilled", value: true },
  ]);
  const stored = await objectsOfDay(sql, { deviceId: "feeder-1", date: DAY });
  expect(stored.map(({ capture_id }) => capture_id)).toEqual(["c1", "c3"]);
});

test("rows written at once share a commit, and each is there when it is said to be", async () => {
  const { sql, logBytes } = await openFile();
  await insertObject(sql, photo("c0"));
  const before = await logBytes();
  await insertObject(sql, photo("c1"));
  const ofOne = (await logBytes()) - before;
  const seen = [2, 3, 4, 5, 6, 7].map(async (n) => {
    await insertObject(sql, photo(`c${n}`));
    return (await objectsOfDay(sql, { deviceId: "feeder-1", date: DAY })).some(
      (row) => row.capture_id === `c${n}`,
    );
  });
  expect(await Promise.all(seen)).not.toContain(false);
  // A commit writes the pages it changed: six of them would write six times as many.
  expect((await logBytes()) - before - ofOne).toBeLessThan(2 * ofOne);
});
