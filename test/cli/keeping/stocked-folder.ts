import { createHash } from "node:crypto";
import { join } from "node:path";
import type { DayIndex, DayIndexEntry } from "../../../protocol/day-index.ts";
import { parsePresignPutAnswer } from "../../../protocol/presign.ts";
import { makeFolder, start } from "../../server-min/started-server.ts";

export const DAY = "2026-05-01";

export function pictureOf(captureId: string): Buffer<ArrayBuffer> {
  return Buffer.alloc(3_000, `picture ${captureId} `);
}

interface Media {
  readonly deviceId?: string;
  readonly kind?: "photos" | "clips";
  readonly objectKey?: string;
}

/** Uploads it and answers its key. */
export async function upload(url: string, captureId: string, media: Media = {}): Promise<string> {
  const { deviceId = "feeder-1", kind = "photos", ...named } = media;
  const contentType = kind === "photos" ? "image/jpeg" : "video/avi";
  const capturedAt = `${DAY}T10:00:00.000Z`;
  const body = JSON.stringify({ deviceId, captureId, kind, contentType, capturedAt, ...named });
  const presigned = await fetch(`${url}/v1/presign/put`, { method: "POST", body });
  const grant = parsePresignPutAnswer(await presigned.text());
  if (grant === undefined) throw new Error(`presign answered ${presigned.status}`);
  const picture = { method: "PUT", headers: grant.headers, body: pictureOf(captureId) };
  const { status } = await fetch(grant.uploadUrl, picture);
  if (status !== 200) throw new Error(`the upload was answered ${status}`);
  return grant.key;
}

/** A data folder with two feeders' media, one photo saved; its server is stopped. */
export async function makeStock() {
  const dataDir = join(await makeFolder(), "data");
  const server = await start({ dataDir });
  const keys = {
    robin: await upload(server.url, "robin"),
    saved: await upload(server.url, "saved"),
    clip: await upload(server.url, "clip", { kind: "clips" }),
    named: await upload(server.url, "named", { objectKey: "feeder-1/first-visit.jpg" }),
    other: await upload(server.url, "other", { deviceId: "feeder-2" }),
  };
  await fetch(`${server.url}/v1/objects/${keys.saved}/saved`, { method: "PUT" });
  const before = await galleryOf(server.url);
  await server.close();
  return { dataDir, keys, before, pathOf: (key: string) => join(dataDir, "objects", key) };
}

/** All that the page would show, each fetched and compared. */
export async function galleryOf(url: string): Promise<DayIndexEntry[]> {
  const { devices } = (await (await fetch(`${url}/v1/devices`)).json()) as {
    devices: { deviceId: string }[];
  };
  const entries: DayIndexEntry[] = [];
  for (const { deviceId } of devices) {
    const { days } = (await (await fetch(`${url}/v1/days/${deviceId}`)).json()) as {
      days: { date: string }[];
    };
    for (const { date } of days) {
      const index = await fetch(`${url}/v1/index/${deviceId}/${date}`);
      entries.push(...((await index.json()) as DayIndex).events);
    }
  }
  for (const { key, sha256 } of entries) {
    const bytes = await (await fetch(`${url}/v1/objects/${key}`)).arrayBuffer();
    const found = createHash("sha256").update(new Uint8Array(bytes)).digest("hex");
    if (found !== sha256) throw new Error(`${key} is listed, and is not what is listed`);
  }
  return entries.sort((a, b) => a.key.localeCompare(b.key));
}
