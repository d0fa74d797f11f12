import { isCaptureId } from "../../protocol/ids.ts";
import { isRecord } from "../../protocol/json.ts";
import { parseObjectKey } from "../../protocol/object-key.ts";
import { isPlausibleTimeMs } from "../../protocol/plausible-time.ts";
import type { KnownCapture } from "../../server-min/keeping/adopt-object.ts";
import { adoptObject, LAST_BYTE } from "../../server-min/keeping/adopt-object.ts";
import type { ObjectStore } from "../../server-min/ports.ts";
import type { EmbeddedStores } from "./embedded-stores.ts";
import type { Finding } from "./examine.ts";
import { examineDayFiles, readDayFile } from "./examine.ts";

type Stores = Pick<EmbeddedStores, "sql" | "objects">;

/** A finding, and what was done about it; undefined when nothing could be. */
export interface Mended extends Finding {
  readonly did: string | undefined;
}

/** Where bytes go that are not what they were: somebody may want to look at half a photo. */
const DAMAGED = "damaged/";

/**
 * Brings rows and objects together. The files of the days are read before and written after: they remember what the
 * names and the bytes of objects do not say. Ended anywhere, it is simply started again.
 */
export async function* mend(
  stores: Stores,
  findings: readonly Finding[],
  nowMs: number,
): AsyncGenerator<Mended> {
  const known = await rememberedByDayFiles(stores.objects);
  // A row without its bytes goes first: another object may be the one of its capture.
  const inOrder = [
    ...findings.filter(({ problem }) => problem !== "row_missing"),
    ...findings.filter(({ problem }) => problem === "row_missing"),
  ];
  for (const finding of inOrder) {
    yield { ...finding, did: await mendOne(stores, finding, { known, nowMs }) };
  }
  for await (const { index, ...finding } of examineDayFiles(stores, nowMs)) {
    if (index.events.length === 0) await stores.objects.remove(finding.at);
    else await write(stores.objects, finding.at, Buffer.from(JSON.stringify(index)));
    yield { ...finding, did: "written anew" };
  }
}

async function mendOne(
  { sql, objects }: Stores,
  { problem, at: key }: Finding,
  { known, nowMs }: { readonly known: ReadonlyMap<string, KnownCapture>; readonly nowMs: number },
): Promise<string | undefined> {
  switch (problem) {
    case "row_missing": {
      const adoption = await adoptObject({ sql, objects }, key, { nowMs, known: known.get(key) });
      if (adoption.kind === "duplicate") await objects.remove(key);
      return adoption.kind === "adopted" ? "listed again" : "removed: its capture is there already";
    }
    case "object_missing":
      await sql.deleteFrom("objects").where("key", "=", key).execute();
      return "taken out of the index";
    case "object_damaged":
      await setAside(objects, key);
      await sql.deleteFrom("objects").where("key", "=", key).execute();
      return `taken out of the index, its bytes are ${DAMAGED}${key} now`;
    case "object_left_over":
      await objects.remove(key);
      return "removed";
    case "database_missing":
      return "made anew";
    default:
      return undefined;
  }
}

async function setAside(objects: ObjectStore, key: string): Promise<void> {
  const body = await objects.read(key, 0, LAST_BYTE);
  if (body !== undefined) {
    await write(
      objects,
      `${DAMAGED}${key}`,
      new Uint8Array(await new Response(body).arrayBuffer()),
    );
  }
  await objects.remove(key);
}

async function write(objects: ObjectStore, key: string, bytes: Uint8Array): Promise<void> {
  await using writer = await objects.create(key);
  await writer.write(bytes);
  await writer.commit();
}

/** By key. What a file says in any other way than the server writes it is not believed. */
async function rememberedByDayFiles(objects: ObjectStore): Promise<Map<string, KnownCapture>> {
  const known = new Map<string, KnownCapture>();
  for await (const { key } of objects.list("photos/")) {
    if (!key.includes("/indices/")) continue;
    const events = (await readDayFile(objects, key))?.events;
    for (const event of Array.isArray(events) ? events : []) {
      if (!isRecord(event)) continue;
      const { id, ts, key: mediaKey, saved } = event;
      if (typeof mediaKey !== "string" || parseObjectKey(mediaKey) === undefined) continue;
      if (!isCaptureId(id) || typeof ts !== "number" || !isPlausibleTimeMs(ts)) continue;
      known.set(mediaKey, { captureId: id, capturedAtMs: ts, saved: saved === true });
    }
  }
  return known;
}
