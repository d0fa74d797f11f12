import { expect, test } from "vitest";
import { watchPresence } from "../../../device/esp32/capture/presence-watch.ts";
import { World } from "../../../host-sim/world.ts";
import { withDefaults } from "../../../protocol/device-config.ts";

const MINUTE_MS = 60_000;
const BIRD_GRAMS = 120;

/** The watch over a PIR and a scale whose bird is put there by hand. */
function startWatch() {
  const world = new World({ seed: 1, pace: "virtual", startedAtMs: 0 });
  const told: { readonly atMs: number; readonly what: string }[] = [];
  const readAtMs: number[] = [];
  const perch = { grams: 0 };
  let pir: (present: boolean) => void = () => {};
  watchPresence(
    {
      time: { monotonicMs: () => world.nowMs, after: (delayMs, run) => world.after(delayMs, run) },
      presence: {
        start: (changed) => {
          pir = changed;
        },
      },
      scale: {
        readGrams: () => {
          readAtMs.push(world.nowMs);
          return perch.grams;
        },
      },
    },
    withDefaults({}),
    {
      visited: (trigger, grams) => told.push({ atMs: world.nowMs, what: `${trigger} ${grams}` }),
      departed: () => told.push({ atMs: world.nowMs, what: "departed" }),
    },
  );
  const land = (atMs: number, stayMs: number) => {
    world.after(atMs - world.nowMs, () => {
      perch.grams = BIRD_GRAMS;
    });
    world.after(atMs + stayMs - world.nowMs, () => {
      perch.grams = 0;
    });
  };
  const readingsBetween = (fromMs: number, toMs: number) =>
    readAtMs.filter((atMs) => atMs >= fromMs && atMs < toMs).length;
  return { world, told, perch, land, seen: (is: boolean) => pir(is), readingsBetween };
}

test("a bird that only the scale sees is noticed within 10 s when nobody came for long", async () => {
  const { world, told, land } = startWatch();
  land(60 * MINUTE_MS + 1, 12_000);
  await world.run(61 * MINUTE_MS);
  expect(told.map(({ what }) => what)).toEqual(["weight 120", "departed"]);
  expect(told[0]?.atMs).toBeLessThanOrEqual(60 * MINUTE_MS + 10_501);
});

test("the next of its flock within 2 s, and so is its leaving", async () => {
  const { world, told, land } = startWatch();
  land(60 * MINUTE_MS, 12_000);
  land(60 * MINUTE_MS + 40_000, 6_000);
  await world.run(62 * MINUTE_MS);
  const [, , second, left] = told;
  expect(second?.what).toBe("weight 120");
  expect(second?.atMs).toBeLessThanOrEqual(60 * MINUTE_MS + 42_500);
  expect(left?.what).toBe("departed");
  expect(left?.atMs).toBeLessThanOrEqual(60 * MINUTE_MS + 50_000);
});

test("readings are 2 s apart at first and 10 s when nobody came for some minutes", async () => {
  const { world, readingsBetween } = startWatch();
  await world.run(60 * MINUTE_MS);
  expect(readingsBetween(0, 40_000)).toBe(20);
  expect(readingsBetween(30 * MINUTE_MS, 40 * MINUTE_MS)).toBe(60);
});

test("a single spike of the scale is no visit: it is read again before the presence has settled", async () => {
  const { world, told, perch, readingsBetween } = startWatch();
  await world.run(1_999);
  perch.grams = 900;
  await world.run(2_001);
  perch.grams = 0;
  await world.run(MINUTE_MS);
  expect(readingsBetween(2_000, 2_500)).toBe(2);
  expect(told).toEqual([]);
});

test.each([1, 2_501, 5_001, 7_501])(
  "whom the PIR sees is weighed before it is told of, %i ms behind the hour",
  async (behindMs) => {
    const { world, told, perch, seen } = startWatch();
    const comesAtMs = 60 * MINUTE_MS + behindMs;
    await world.run(comesAtMs);
    perch.grams = BIRD_GRAMS;
    seen(true);
    await world.run(comesAtMs + 500);
    expect(told).toEqual([{ atMs: comesAtMs + 500, what: "pir 120" }]);
  },
);
