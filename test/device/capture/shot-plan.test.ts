import fc from "fast-check";
import { expect, test } from "vitest";
import {
  afterShot,
  nextShot,
  planVisit,
  type ShotPlan,
} from "../../../device/esp32/capture/shot-plan.ts";
import { withDefaults } from "../../../protocol/device-config.ts";

const CONFIG = withDefaults({});

function shotsOf(plan: ShotPlan): string[] {
  const shots: string[] = [];
  for (let left = plan, next = nextShot(plan); next !== undefined; next = nextShot(left)) {
    shots.push(`${next.op} ${next.captureId} ${next.dueAtMs}`);
    left = afterShot(left, next);
  }
  return shots;
}

test("a bird that stays is taken at once, as a clip after 5 s, and every 15 s up to ten stills", () => {
  expect(shotsOf(planVisit("v", CONFIG, 0))).toEqual([
    "photo v 0",
    "clip v-clip 5000",
    "photo v-2 15000",
    "photo v-3 30000",
    "photo v-4 45000",
    "photo v-5 60000",
    "photo v-6 75000",
    "photo v-7 90000",
    "photo v-8 105000",
    "photo v-9 120000",
    "photo v-10 135000",
  ]);
});

test("a bird that left at once still has its still and its clip", () => {
  expect(shotsOf({ ...planVisit("v", CONFIG, 1_000), departed: true })).toEqual([
    "photo v 1000",
    "clip v-clip 6000",
  ]);
});

test("no still is taken of a bird that has gone, however long it stayed", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), (stills) => {
      const left: ShotPlan = {
        ...planVisit("v", CONFIG, 0),
        stills,
        clipTaken: true,
        departed: true,
      };
      expect(nextShot(left)).toBeUndefined();
    }),
  );
});
