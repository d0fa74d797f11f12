import { expect, test } from "vitest";
import { FirmwareDeath } from "../../host-sim/engines/firmware-death.ts";
import { HeapWatch } from "../../host-sim/engines/heap-watch.ts";
import { heapEngine } from "../../host-sim/engines/xs-heap.ts";
import type { XsRoom } from "../../host-sim/engines/xs-image.ts";
import { xs } from "./both-engines.ts";
import { startSmall } from "./small-firmware.ts";

const onXs = test.skipIf(xs === undefined);

/** A timer, closures, and what XS rounds. */
const AROUND_BYTES = 1_500;

/** What firmware takes that does this when it starts, over the same firmware before. */
async function measure(does: string, room?: XsRoom): Promise<HeapWatch> {
  const watch = new HeapWatch();
  const source = `
    const loaded = new Uint8Array(30_000).fill(1);
    const enter = (run) => run();
    enter(() => {
      const kept = [];
      Timer.set(() => { ${does} }, 1000);
      Timer.set(() => kept.push(loaded), 100_000);
    });`;
  const { world, board } = await startSmall(source, { engine: heapEngine(watch, room) });
  await world.run(10_000);
  board.powerOff();
  return watch;
}

function expectAround(bytes: number, expected: number): void {
  expect(bytes).toBeGreaterThanOrEqual(expected);
  expect(bytes).toBeLessThan(expected + AROUND_BYTES);
}

onXs("what is there before the start does not count", async () => {
  const { peak, alive, baselineBytes } = await measure("");
  expectAround(peak.bytes, 0);
  expect(alive.get("idle")).toBe(peak.bytes);
  expect(baselineBytes).toBeGreaterThan(30_000);
});

onXs.for([
  ["bytes", "kept.push(new Uint8Array(10_000));", 10_000],
  [
    "an array, whose slots are 16 bytes on the board",
    "kept.push(new Array(1000).fill(1));",
    16_000,
  ],
  ["a string", "kept.push('x'.repeat(5000));", 5_000],
  [
    "objects of three slots",
    "for (let n = 0; n < 500; n++) kept.push({ a: 1, b: 2 });",
    500 * 4 * 16,
  ],
] as const)("%s that are kept count as long as they are", async ([, does, bytes]) => {
  expectAround((await measure(does)).peak.bytes, bytes);
});

onXs("what is dropped in the same event needs room and is not alive behind it", async () => {
  const { peak, taken } = await measure(`
    for (let n = 0; n < 100; n++) new Uint8Array(9_000);
    new Uint8Array(20_000).fill(1);
  `);
  expectAround(peak.bytes, 0);
  expect(taken.chunkBytes).toBeGreaterThan(20_000);
  expect(taken.chunkBytes).toBeLessThan(2 * 20_000);
});

onXs("a function's code is in flash on the board", async () => {
  const body = "x += 1; ".repeat(2_000);
  expectAround((await measure(`kept.push((x) => { ${body} });`)).peak.bytes, 0);
});

onXs.for([
  ["chunks", "new Uint8Array(20_000);", { slots: 16, chunkBytes: -4_096 }],
  ["slots", "Array.from({ length: 500 }, () => ({ a: 1 }));", { slots: -64, chunkBytes: 4_096 }],
] as const)(
  "the firmware dies where %s do not suffice for the middle of its events",
  async (row) => {
    const [, does, less] = row;
    const { taken } = await measure(does);
    const enough = { slots: taken.slots + 16, chunkBytes: taken.chunkBytes + 64 };
    await measure(does, enough);
    const smaller = {
      slots: taken.slots + less.slots,
      chunkBytes: taken.chunkBytes + less.chunkBytes,
    };
    await expect(measure(does, smaller)).rejects.toThrow(new FirmwareDeath("memory"));
  },
);

test("firmware whose start is not found is not measured", async () => {
  const engine = heapEngine(new HeapWatch());
  const { world } = await startSmall("trace('starts');", { engine });
  await expect(world.run(1_000)).rejects.toThrow("the start of the firmware was not found");
});
