import { execFileSync } from "node:child_process";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { DayIndex } from "../../protocol/day-index.ts";
import { makeFolder, presign, start, tryStart } from "./started-server.ts";

const DISK_BYTES = 16 * 1024 * 1024;
/** The database's log grows to 4 MB before it is written back. */
const MIN_FREE_BYTES = 5 * 1024 * 1024;
const PHOTO = Buffer.alloc(100_000, "a photo ");

/** Only the root user mounts file systems. */
const onSmallDisk = process.getuid?.() === 0 ? test : test.skip;
const OR_LEFT_OUT =
  process.getuid?.() === 0 ? "" : " (left out: it takes root to mount a small disk)";

async function mountSmallDisk(): Promise<string> {
  const folder = await makeFolder();
  const options = ["-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "skyfeeder-test", folder];
  execFileSync("mount", options, { stdio: "ignore" });
  onTestFinished(() => void execFileSync("umount", ["--lazy", folder]));
  return folder;
}

type Server = Awaited<ReturnType<typeof start>>;

/** The code of the refusal, from the request that met it; undefined when the photo was stored. */
async function upload(server: Server, captureId: string): Promise<unknown> {
  const { uploadUrl, headers } = await presign(server, captureId);
  const answer = await fetch(uploadUrl, { method: "PUT", headers, body: PHOTO });
  const { code } = (await answer.json()) as { code?: string };
  expect(answer.status).toBe(code === undefined ? 200 : 507);
  return code;
}

async function presignCode({ url }: Server): Promise<unknown> {
  const media = { kind: "photos", contentType: "image/jpeg", size: PHOTO.length };
  const body = JSON.stringify({ deviceId: "feeder-1", ...media });
  const answer = await fetch(`${url}/v1/presign/put`, { method: "POST", body });
  return ((await answer.json()) as { code?: string }).code;
}

async function allServed({ url }: Server): Promise<number> {
  const { days } = await (await fetch(`${url}/v1/days/feeder-1`)).json();
  let served = 0;
  for (const { date } of days) {
    const index = await (await fetch(`${url}/v1/index/feeder-1/${date}`)).json();
    for (const { key } of (index as DayIndex).events) {
      const answer = await fetch(`${url}/v1/objects/${key}`);
      expect(Buffer.from(await answer.arrayBuffer()).equals(PHOTO)).toBe(true);
      served += 1;
    }
  }
  return served;
}

/** Uploads until the disk has no more room for it; answers how many were stored. */
async function fill(server: Server): Promise<number> {
  for (let n = 0; ; n++) {
    const grant = await presign(server, `c${n}`).catch(() => undefined);
    const code = grant === undefined ? "storage_full" : await upload(server, `c${n}`);
    if (code !== undefined) return n;
  }
}

onSmallDisk(`a small disk fills up, and nothing else breaks${OR_LEFT_OUT}`, async () => {
  const dataDir = await mountSmallDisk();
  const server = await start({ dataDir, disk: { minFreeBytes: MIN_FREE_BYTES } });
  const stored = await fill(server);
  expect(stored).toBeGreaterThan(10);
  await expect.poll(() => presignCode(server), { timeout: 10_000 }).toBe("storage_full");
  expect(await allServed(server)).toBe(stored);
  const told = { deviceId: "feeder-1", version: "1.0.0", bootCount: 1, status: "ok" };
  for (let n = 0; n < 50; n++) {
    const body = JSON.stringify({ ...told, bootCount: n });
    const answer = await fetch(`${server.url}/v1/ota/heartbeat`, { method: "POST", body });
    expect(answer.status).toBe(200);
  }
  const full = server.notices.filter((text) => text.includes("storage_full"));
  expect(full).toHaveLength(1);

  const folder = join(dataDir, "objects", "photos", "feeder-1");
  const photos = (await readdir(folder)).filter((name) => name.endsWith(".jpg"));
  for (const name of photos) await rm(join(folder, name));
  await expect.poll(() => presignCode(server), { timeout: 10_000 }).toBeUndefined();
  expect(await upload(server, "after")).toBeUndefined();
});

onSmallDisk(
  `a disk that others fill while a photo comes leaves nothing of it${OR_LEFT_OUT}`,
  async () => {
    const dataDir = await mountSmallDisk();
    const server = await start({ dataDir, disk: { minFreeBytes: 0 } });
    expect(await upload(server, "before")).toBeUndefined();
    // Its day is written behind the answer, and would find no room.
    const days = join(dataDir, "objects", "photos", "feeder-1", "indices");
    await expect.poll(() => readdir(days).catch(() => [])).toHaveLength(1);
    const filler = join(dataDir, "somebody-elses");
    await expect(writeFile(filler, Buffer.alloc(DISK_BYTES))).rejects.toThrow("ENOSPC");
    // The guard has looked before the disk was full.
    expect(await upload(server, "half")).toBe("storage_full");
    expect(await readdir(join(dataDir, "objects", ".staging"))).toEqual([]);
    expect(await allServed(server)).toBe(1);
    await rm(filler);
    await expect.poll(() => presignCode(server), { timeout: 10_000 }).toBeUndefined();
    expect(await upload(server, "half")).toBeUndefined();
    expect(await allServed(server)).toBe(2);
    expect(server.notices.filter((text) => text.includes("Error"))).toEqual([]);
  },
);

onSmallDisk(
  `on a disk that others fill, feeders still find their server${OR_LEFT_OUT}`,
  async () => {
    const dataDir = await mountSmallDisk();
    const server = await start({ dataDir, disk: { minFreeBytes: 0 } });
    const filler = join(dataDir, "somebody-elses");
    await expect(writeFile(filler, Buffer.alloc(DISK_BYTES))).rejects.toThrow("ENOSPC");
    // The database's log has some room of its own.
    for (let n = 0; n < 30; n += 1) {
      const found = await fetch(`${server.url}/v1/discovery/feeder-${n}`);
      expect([n, found.status]).toEqual([n, 200]);
    }
    expect(server.notices.filter((text) => text.includes("Error"))).toEqual([]);
  },
);

onSmallDisk(`a server that finds no room to start in says so${OR_LEFT_OUT}`, async () => {
  const dataDir = await mountSmallDisk();
  await writeFile(join(dataDir, "somebody-elses"), Buffer.alloc(DISK_BYTES));
  const { started } = await tryStart({ dataDir });
  expect(started).toMatchObject({
    reason: "data_dir_unusable",
    detail: expect.stringContaining("no room"),
  });
});
