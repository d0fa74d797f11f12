import { expect, test } from "vitest";
import { startVirtualServer, type VirtualServer } from "../../cli/sim/server/virtual-server.ts";
import { DAY_MS, HOUR_MS, SECOND_MS } from "../../host-sim/durations.ts";
import { galleryOf, storedSha256 } from "../../host-sim/gallery.ts";
import { World } from "../../host-sim/world.ts";
import { parsePresignPutAnswer } from "../../protocol/presign.ts";

const STARTED_AT_MS = Date.UTC(2026, 5, 1);
const CRASHES = (["killed", "power"] as const).flatMap((how) =>
  (["before", "after"] as const).map((when) => ({ how, when })),
);

const pass = (world: World, durationMs: number) => world.run(world.nowMs + durationMs);

async function upload({ ask }: VirtualServer, captureId: string, kind = "photos") {
  const contentType = kind === "photos" ? "image/jpeg" : "video/avi";
  const body = JSON.stringify({ deviceId: "dev1", captureId, kind, contentType });
  const presigned = await ask("/v1/presign/put", { method: "POST", body }).catch(() => undefined);
  const grant = parsePresignPutAnswer((await presigned?.text()) ?? "");
  if (grant === undefined) return undefined;
  const headers = { ...grant.headers, "Content-Length": "5000" };
  const bytes = Buffer.alloc(5_000, captureId);
  const { pathname } = new URL(grant.uploadUrl);
  const put = ask(pathname, { method: "PUT", headers, body: bytes }).catch(() => undefined);
  return (await put)?.status === 200 ? grant.key : undefined;
}

/** A server with one of each, on the eve of the day when the old photo and the clip are over. */
async function startOld(seed: number) {
  const world = new World({ seed, pace: "virtual", startedAtMs: STARTED_AT_MS });
  const server = await startVirtualServer(world, undefined, {
    retention: { photosDays: 3, clipsDays: 3 },
  });
  await upload(server, "old");
  await upload(server, "clip", "clips");
  const saved = await upload(server, "saved");
  await server.ask(`/v1/objects/${saved}/saved`, { method: "PUT" });
  await pass(world, 2 * DAY_MS);
  await upload(server, "young");
  await pass(world, DAY_MS - HOUR_MS / 2);
  return { world, server };
}

/** What is listed is there, whole, or is listed no longer once it is gone; answers what is there. */
async function listed(server: VirtualServer): Promise<string[]> {
  const found: string[] = [];
  for (const { id, key, sha256 } of await galleryOf(server, "dev1")) {
    const stored = await storedSha256(server, key);
    if (stored === 404) {
      const now = await galleryOf(server, "dev1");
      expect(now.map((entry) => entry.key)).not.toContain(key);
      continue;
    }
    expect(stored).toBe(sha256);
    found.push(id);
  }
  return found.sort();
}

/** The media on disk, whatever anybody lists. */
async function onDisk(server: VirtualServer): Promise<string[]> {
  const folders = [await server.storedKeys("photos/"), await server.storedKeys("clips/")];
  return folders
    .flat()
    .filter((key) => !key.includes("/indices/"))
    .sort();
}

test.each(CRASHES)(
  "$how $when any operation of the retention: nothing listed is lost, and the next run ends it",
  async ({ how, when }) => {
    for (let operation = 1; ; operation++) {
      const { world, server } = await startOld(operation);
      let crashes = 0;
      server.onCrash = () => {
        crashes++;
      };
      server.crashAt(operation, when, how);
      await pass(world, 2 * HOUR_MS);
      if (crashes > 0) {
        await server.start();
        const found = await listed(server);
        expect(found).toEqual(expect.arrayContaining(["saved", "young"]));
        // What stands in the way of a re-upload must not be a photo that is over.
        expect(await upload(server, "old")).toBeDefined();
        await pass(world, 2 * HOUR_MS);
      }
      expect(await listed(server)).toEqual(["saved", "young"]);
      expect(await onDisk(server)).toEqual(
        (await galleryOf(server, "dev1")).map(({ key }) => key).sort(),
      );
      if (crashes === 0) return expect(operation).toBeGreaterThan(8);
    }
  },
  120_000,
);

test.each(CRASHES)(
  "$how $when any operation of an upload that nobody repeats: what is on disk is listed",
  async ({ how, when }) => {
    let adopted = 0;
    for (let operation = 1; ; operation++) {
      const world = new World({ seed: operation, pace: "virtual", startedAtMs: STARTED_AT_MS });
      const server = await startVirtualServer(world, undefined);
      server.crashAt(operation, when, how);
      const key = await upload(server, "one");
      await pass(world, SECOND_MS);
      const isOver = server.isUp;
      server.crashAt(Infinity, when, how);
      if (!isOver) await server.start();
      await pass(world, SECOND_MS);
      server.crash("power");
      await server.start();
      await pass(world, SECOND_MS);
      const found = await listed(server);
      expect(await onDisk(server)).toHaveLength(found.length);
      if (key !== undefined) expect(found).toEqual(["one"]);
      else adopted += found.length;
      if (isOver) break;
    }
    expect(adopted).toBeGreaterThan(0);
  },
  120_000,
);
