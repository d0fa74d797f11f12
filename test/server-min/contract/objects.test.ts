import { mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ServerDisk } from "../../../host-sim/peers/server-disk.ts";
import { CrashPoints, ServerProcess } from "../../../host-sim/peers/server-process.ts";
import { SystemClock } from "../../../server-min/machine/clock.ts";
import { disk } from "../../../server-min/machine/disk.ts";
import { S3Bucket } from "../../../server-min/machine/s3-bucket.ts";
import type { ObjectStore } from "../../../server-min/ports.ts";
import { openFolderObjects } from "../../../server-min/storage/folder-objects.ts";
import { MemoryObjects } from "../../../server-min/storage/memory-objects.ts";
import { S3Objects } from "../../../server-min/storage/s3-objects.ts";
import { makeBucket, S3_ENDPOINT } from "../../services/s3-service.ts";

interface StoreUnderTest {
  store: ObjectStore;
  /** The store as the next process finds it. */
  restart(): Promise<ObjectStore>;
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "skyfeeder-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

type Opener = [string, () => Promise<StoreUnderTest>];

/** Stores whose writers end with their process. */
const ownStores: Opener[] = [
  [
    "folder",
    async () => {
      const folder = await makeFolder();
      return {
        store: await openFolderObjects(disk, folder),
        restart: () => openFolderObjects(disk, folder),
      };
    },
  ],
  [
    "folder on the simulated disk",
    async () => {
      const process = new ServerProcess(new CrashPoints(), () => {});
      const mounted = new ServerDisk().mount(process);
      return {
        store: await openFolderObjects(mounted, "/objects"),
        restart: () => openFolderObjects(mounted, "/objects"),
      };
    },
  ],
  [
    "memory",
    async () => {
      const store = new MemoryObjects();
      return {
        store,
        restart: async () => {
          store.crash();
          return store;
        },
      };
    },
  ],
];

const s3: Opener = [
  "S3",
  async () => {
    const place = await makeBucket();
    const open = () => new S3Objects(new S3Bucket(place, new SystemClock()));
    return { store: open(), restart: async () => open() };
  },
];

const stores = S3_ENDPOINT === undefined ? ownStores : [...ownStores, s3];

async function readText(store: ObjectStore, key: string, first = 0, last = 999) {
  const bytes = await store.read(key, first, last);
  return bytes === undefined ? undefined : new Response(bytes).text();
}

async function write(store: ObjectStore, key: string, ...chunks: string[]) {
  await using writer = await store.create(key);
  for (const chunk of chunks) await writer.write(Buffer.from(chunk));
  await writer.commit();
}

const KEY = "photos/feeder-1/a.jpg";

test.each(stores)("%s: an object appears at its commit, whole", async (_, open) => {
  const { store, restart } = await open();
  {
    await using writer = await store.create(KEY);
    const chunk = Buffer.from("great ");
    await writer.write(chunk);
    chunk.fill("x");
    await writer.write(Buffer.from("tit"));
    expect(await readText(store, KEY)).toBeUndefined();
    await writer.commit();
    expect(await readText(store, KEY)).toBe("great tit");
  }
  expect(await readText(store, KEY)).toBe("great tit");
  expect(await readText(await restart(), KEY)).toBe("great tit");
});

test.each(stores)("%s: a range is read from its first to its last byte", async (_, open) => {
  const { store } = await open();
  await write(store, KEY, "0123", "456789");
  expect(await readText(store, KEY, 2, 5)).toBe("2345");
  expect(await readText(store, KEY, 9, 9)).toBe("9");
  expect(await readText(store, "photos/feeder-1/none.jpg")).toBeUndefined();
});

test.each(stores)("%s: an object given up leaves nothing", async (_, open) => {
  const { store, restart } = await open();
  {
    await using writer = await store.create(KEY);
    await writer.write(Buffer.from("half"));
  }
  expect(await readText(store, KEY)).toBeUndefined();
  expect(await readText(await restart(), KEY)).toBeUndefined();
});

test.each(stores)("%s: a writer that was given up cannot commit", async (_, open) => {
  const { store } = await open();
  const writer = await store.create(KEY);
  await writer.write(Buffer.from("half"));
  await writer[Symbol.asyncDispose]();
  await expect((async () => writer.commit())()).rejects.toThrow();
});

test.each(stores)("%s: of two writers of one key the later commit stands", async (_, open) => {
  const { store } = await open();
  await using first = await store.create(KEY);
  await using second = await store.create(KEY);
  await first.write(Buffer.from("first"));
  await second.write(Buffer.from("second, longer"));
  await second.commit();
  expect(await readText(store, KEY)).toBe("second, longer");
  await first.commit();
  expect(await readText(store, KEY)).toBe("first");
});

test.each(ownStores)("%s: a writer open at a crash commits nothing afterwards", async (_, open) => {
  const { store, restart } = await open();
  await using writer = await store.create(KEY);
  await writer.write(Buffer.from("half"));
  const restarted = await restart();
  await expect((async () => writer.commit())()).rejects.toThrow();
  expect(await readText(restarted, KEY)).toBeUndefined();
  await write(restarted, KEY, "whole");
  expect(await readText(restarted, KEY)).toBe("whole");
});

test.each(stores)("%s: an object larger than one read comes back whole", async (_, open) => {
  const { store } = await open();
  const text = "0123456789".repeat(60_000);
  await write(store, KEY, text);
  expect(await readText(store, KEY, 0, text.length - 1)).toBe(text);
  expect(await readText(store, KEY, 70_001, 450_000)).toBe(text.slice(70_001, 450_001));
});

test("folder: one that somebody removed is made again", async () => {
  const folder = await makeFolder();
  const store = await openFolderObjects(disk, folder);
  await write(store, KEY, "first");
  await rm(join(folder, "photos"), { recursive: true });
  await write(store, KEY, "second");
  expect(await readText(store, KEY)).toBe("second");
});

test("folder: what a crash left unfinished is gone after the next start", async () => {
  const folder = await makeFolder();
  await openFolderObjects(disk, folder);
  await writeFile(join(folder, ".staging", "7"), "half");
  await openFolderObjects(disk, folder);
  expect(await readdir(join(folder, ".staging"))).toEqual([]);
});

const UNSAFE_KEYS = [
  "../a",
  "photos/../../a",
  "/etc/passwd",
  "photos//a",
  ".staging/1",
  "",
  "a\\b",
];
const keepers = stores.filter(([name]) => name !== "memory");

test.each(keepers.flatMap(([name, open]) => UNSAFE_KEYS.map((key) => [name, key, open] as const)))(
  "%s: the key %j never becomes a path",
  async (_, key, open) => {
    const { store } = await open();
    await expect(async () => store.create(key)).rejects.toThrow("unsafe");
    await expect(async () => store.read(key, 0, 1)).rejects.toThrow("unsafe");
  },
);

async function listKeys(store: ObjectStore, prefix: string) {
  const found: string[] = [];
  for await (const { key, bytes } of store.list(prefix)) found.push(`${key} ${bytes}`);
  return found.sort();
}

test.each(stores)("%s: what is removed is gone, now and after a restart", async (_, open) => {
  const { store, restart } = await open();
  await write(store, KEY, "great tit");
  await store.remove(KEY);
  await store.remove(KEY);
  await store.remove("photos/feeder-2/never.jpg");
  expect(await readText(store, KEY)).toBeUndefined();
  const restarted = await restart();
  expect(await readText(restarted, KEY)).toBeUndefined();
  await write(restarted, KEY, "robin");
  expect(await readText(restarted, KEY)).toBe("robin");
});

test.each(stores)(
  "%s: everything under a prefix is listed, unfinished ones are not",
  async (_, open) => {
    const { store } = await open();
    await write(store, KEY, "great tit");
    await write(store, "photos/feeder-1/indices/day-2026-05-01.json", "{}");
    await write(store, "photos/feeder-10/b.jpg", "robin");
    await write(store, "clips/feeder-1/c.avi", "wren");
    await using writer = await store.create("photos/feeder-1/half.jpg");
    await writer.write(Buffer.from("half"));
    const day = "photos/feeder-1/indices/day-2026-05-01.json 2";
    expect(await listKeys(store, "photos/")).toEqual([`${KEY} 9`, day, "photos/feeder-10/b.jpg 5"]);
    expect(await listKeys(store, "photos/feeder-1/")).toEqual([`${KEY} 9`, day]);
    expect(await listKeys(store, "firmware/")).toEqual([]);
  },
);

test("folder: what is no object of the store is not listed", async () => {
  const folder = await makeFolder();
  const store = await openFolderObjects(disk, folder);
  await write(store, KEY, "great tit");
  await writeFile(join(folder, "photos", ".DS_Store"), "");
  await writeFile(join(folder, "photos", "feeder-1", "a b.jpg"), "");
  await symlink(join(folder, KEY), join(folder, "photos", "feeder-1", "link.jpg"));
  expect(await listKeys(store, "photos/")).toEqual([`${KEY} 9`]);
});
