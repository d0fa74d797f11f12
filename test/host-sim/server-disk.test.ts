import { expect, test } from "vitest";
import { ServerDisk } from "../../host-sim/peers/server-disk.ts";
import { CrashPoints, ServerProcess } from "../../host-sim/peers/server-process.ts";
import { randomStream } from "../../host-sim/random.ts";

const SEEDS = Array.from({ length: 100 }, (_, seed) => seed);
const EMPTY = Buffer.alloc(0);
const WRITTEN = Buffer.alloc(20_000, 0xaa);

function newProcess() {
  const points = new CrashPoints();
  const process: ServerProcess = new ServerProcess(points, () => process.end());
  return { points, process };
}

/** A disk on which `work` was done by a process that is gone now, and how the next one finds it. */
async function diskAfter(work: (disk: ReturnType<ServerDisk["mount"]>) => Promise<unknown>) {
  const machine = new ServerDisk();
  const { process } = newProcess();
  await work(machine.mount(process));
  process.end();
  const disk = machine.mount(newProcess().process);
  const read = async (path: string): Promise<Buffer | undefined> => {
    const into = Buffer.alloc(2 * WRITTEN.length);
    const lengthBytes = await (await disk.open(path))?.read(into, 0);
    return lengthBytes === undefined ? undefined : into.subarray(0, lengthBytes);
  };
  return { cutPower: (seed: number) => machine.cutPower(randomStream(seed, "cut")), disk, read };
}

test("a killed process leaves everything that it wrote, synced or not", async () => {
  const { read } = await diskAfter(async (disk) => {
    await disk.makeFolder("/a/b");
    const file = await disk.create("/a/b/c");
    await file.append(WRITTEN);
    await disk.rename("/a/b/c", "/a/d");
  });
  expect(WRITTEN.equals((await read("/a/d")) ?? EMPTY)).toBe(true);
  expect(await read("/a/b/c")).toBeUndefined();
});

test("of bytes that were not synced a power cut leaves none, some or all, with holes", async () => {
  const lengths: number[] = [];
  let holes = 0;
  for (const seed of SEEDS) {
    const { cutPower, read } = await diskAfter(async (disk) => {
      const file = await disk.create("/file");
      await file.append(WRITTEN.subarray(0, 5_000));
      await file.sync();
      await file.append(WRITTEN.subarray(5_000));
      await disk.syncFolder("/");
    });
    cutPower(seed);
    const left = (await read("/file")) ?? EMPTY;
    lengths.push(left.length);
    expect(left.subarray(0, 5_000).equals(WRITTEN.subarray(0, 5_000))).toBe(true);
    if (left.includes(0)) holes++;
  }
  expect(Math.min(...lengths)).toBe(5_000);
  expect(Math.max(...lengths)).toBe(WRITTEN.length);
  expect(new Set(lengths).size).toBeGreaterThan(10);
  expect(holes).toBeGreaterThan(10);
});

/** A seed that leaves a part of the file. */
const HALF_KEPT = 4;

type Disk = ReturnType<ServerDisk["mount"]>;

async function writeSynced(disk: Disk, path: string): Promise<void> {
  const file = await disk.create(path);
  await file.append(WRITTEN);
  await file.sync();
}

/** Every file in question is synced itself; whether its name is there is the folder's matter. */
test.each<[string, (disk: Disk) => Promise<void>, [string, "always" | "sometimes" | "never"][]]>([
  ["a new file", (disk) => writeSynced(disk, "/x"), [["/x", "sometimes"]]],
  [
    "a new file in a synced folder",
    async (disk) => {
      await writeSynced(disk, "/x");
      await disk.syncFolder("/");
    },
    [["/x", "always"]],
  ],
  [
    "a file in a new folder that is synced, its own name is not",
    async (disk) => {
      await disk.makeFolder("/a");
      await writeSynced(disk, "/a/x");
      await disk.syncFolder("/a");
    },
    [["/a/x", "sometimes"]],
  ],
  [
    "a renamed file whose new folder is synced",
    async (disk) => {
      await disk.makeFolder("/a");
      await writeSynced(disk, "/x");
      await disk.syncFolder("/");
      await disk.rename("/x", "/a/y");
      await disk.syncFolder("/a");
    },
    [
      ["/a/y", "always"],
      ["/x", "sometimes"],
    ],
  ],
  [
    "a removed file",
    async (disk) => {
      await writeSynced(disk, "/x");
      await disk.syncFolder("/");
      await disk.remove("/x");
    },
    [["/x", "sometimes"]],
  ],
  [
    "a removed file in a synced folder",
    async (disk) => {
      await writeSynced(disk, "/x");
      await disk.remove("/x");
      await disk.syncFolder("/");
    },
    [["/x", "never"]],
  ],
])("after a power cut a name is there as its folder was synced: %s", async (_, work, names) => {
  for (const [path, expected] of names) {
    let found = 0;
    for (const seed of SEEDS) {
      const { cutPower, read } = await diskAfter(work);
      cutPower(seed);
      const left = await read(path);
      if (left !== undefined) {
        expect(left.equals(WRITTEN)).toBe(true);
        found++;
      }
    }
    const share = { 0: "never", [SEEDS.length]: "always" }[found] ?? "sometimes";
    expect([path, share]).toEqual([path, expected]);
  }
});

test("what a power cut took stays away, and what it left is safe from the next", async () => {
  const { cutPower, disk, read } = await diskAfter(async (before) => {
    const file = await before.create("/x");
    await before.syncFolder("/");
    await file.append(WRITTEN);
  });
  cutPower(HALF_KEPT);
  const left = await read("/x");
  expect(left?.length).toBeGreaterThan(0);
  for (const seed of SEEDS) {
    cutPower(seed);
    expect((await read("/x"))?.length).toBe(left?.length);
  }
  await writeSynced(disk, "/y");
  await disk.syncFolder("/");
  cutPower(1);
  expect(WRITTEN.equals((await read("/y")) ?? EMPTY)).toBe(true);
});

test.each(["before", "after"] as const)(
  "a process that ends %s an operation waits for it for ever, and does nothing more",
  async (when) => {
    const machine = new ServerDisk();
    const { points, process } = newProcess();
    const disk = machine.mount(process);
    const file = await disk.create("/x");
    points.plan(1, when, "killed");
    let wentOn = false;
    const work = async (): Promise<void> => {
      await file.append(WRITTEN);
      wentOn = true;
    };
    expect(await process.outlast(work())).toBeUndefined();
    void disk.rename("/x", "/y");
    await new Promise(setImmediate);
    expect(wentOn).toBe(false);
    expect(points.operations).toBe(2);
    const next = machine.mount(newProcess().process);
    expect(await next.open("/y")).toBeUndefined();
    const lengthBytes = await (await next.open("/x"))?.read(new Uint8Array(100), 0);
    expect(lengthBytes).toBe(when === "before" ? 0 : 100);
  },
);
