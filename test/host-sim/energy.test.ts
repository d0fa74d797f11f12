import { expect, test } from "vitest";
import { Energy } from "../../host-sim/board/energy.ts";
import type { CameraPhase } from "../../host-sim/peers/camera.ts";

/** A camera that goes through these phases, each so many seconds. */
function live(...phases: readonly (readonly [CameraPhase, number])[]) {
  const energy = new Energy(0);
  let nowMs = 0;
  for (const [phase, seconds] of phases) {
    energy.enter(phase, nowMs);
    nowMs += seconds * 1000;
  }
  return energy.report(nowMs);
}

test("a visit of 21 s costs no more than 1.46 mAh on the budget's reckoning, and each phase its own share", () => {
  const visit = live(
    ["booting", 2],
    ["still", 0.25],
    ["transfer", 0.75],
    ["clip", 5],
    ["join", 6],
    ["upload", 7],
    ["asleep", 3_600],
  );
  expect(visit.awakeSeconds).toBe(21);
  expect(visit.budgetMAh).toBeCloseTo(1.458, 3);
  expect(visit.awakeMAh).toBeCloseTo((2 * 150 + 6 * 180 + 13 * 250) / 3600, 9);
  expect(visit.mAh).toBeCloseTo(visit.awakeMAh + 0.5, 9);
  expect(visit.phases.map(({ phase }) => phase)).toEqual([
    "booting",
    "still",
    "transfer",
    "clip",
    "join",
    "upload",
    "asleep",
  ]);
});

test("time awake without work is visible on its own", () => {
  const { phases } = live(
    ["booting", 2],
    ["idle", 0.5],
    ["still", 0.25],
    ["idle", 1.5],
    ["asleep", 1],
  );
  expect(phases).toContainEqual({ phase: "idle", seconds: 2, mAh: (2 * 180) / 3600 });
  expect(live(["booting", 2], ["asleep", 1]).phases.map(({ phase }) => phase)).not.toContain(
    "idle",
  );
});

test("holding the camera awake for 90 s costs more than four such visits", () => {
  const hold = live(["idle", 90], ["asleep", 1]);
  expect(hold.budgetMAh).toBeCloseTo(6.25, 9);
  expect(hold.budgetMAh).toBeGreaterThan(4 * 1.458);
});

test("the same phase twice is one row, and a report in the middle of a phase changes nothing", () => {
  const energy = new Energy(1_000);
  energy.enter("idle", 2_000);
  energy.enter("idle", 3_000);
  expect(energy.report(4_000).awakeSeconds).toBe(2);
  expect(energy.report(4_000).awakeSeconds).toBe(2);
  expect(energy.report(5_000).phases).toEqual([
    { phase: "asleep", seconds: 1, mAh: 0.5 / 3600 },
    { phase: "idle", seconds: 3, mAh: (3 * 180) / 3600 },
  ]);
});
