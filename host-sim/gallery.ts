import { createHash } from "node:crypto";
import type { DayIndex, DayIndexEntry } from "../protocol/day-index.ts";
import type { StagedServer } from "./staged-server.ts";

type Asked = Pick<StagedServer, "ask">;

/** Every entry of every day of one feeder, as the page reads them. */
export async function galleryOf(server: Asked, deviceId: string): Promise<DayIndexEntry[]> {
  const answer = await server.ask(`/v1/days/${deviceId}`);
  const { days } = (await answer.json()) as { days: readonly { readonly date: string }[] };
  const entries: DayIndexEntry[] = [];
  for (const { date } of days) {
    const index = await server.ask(`/v1/index/${deviceId}/${date}`);
    entries.push(...((await index.json()) as DayIndex).events);
  }
  return entries;
}

/** Lower-case hex of the bytes that the server gives out; or the status that it answers instead. */
export async function storedSha256(server: Asked, key: string): Promise<string | number> {
  const answer = await server.ask(`/v1/objects/${key}`);
  if (!answer.ok) return answer.status;
  return createHash("sha256")
    .update(new Uint8Array(await answer.arrayBuffer()))
    .digest("hex");
}
