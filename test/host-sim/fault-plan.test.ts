import fc from "fast-check";
import { expect, test } from "vitest";
import { drawPlan, FAULT_KINDS } from "../../host-sim/faults/draw-plan.ts";
import { parsePlan } from "../../host-sim/faults/fault.ts";
import { randomStream } from "../../host-sim/random.ts";

const TIMES = { fromMs: 0, toMs: 3_600_000, feeders: 2, always: true };

function draw(seed: number, kinds = FAULT_KINDS, always = true) {
  return drawPlan((name) => randomStream(seed, name), kinds, { ...TIMES, always });
}

test("a drawn plan is one that can be given, has every kind, and is over in time", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const plan = draw(seed);
      expect(parsePlan(JSON.parse(JSON.stringify(plan)))).toEqual({ kind: "plan", plan });
      expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
      for (const fault of plan) {
        const endMs = fault.atMs + ("forMs" in fault ? fault.forMs : 0);
        expect(endMs).toBeLessThanOrEqual(TIMES.toMs);
      }
    }),
    { numRuns: 50 },
  );
});

test("one kind more shifts no other", () => {
  const without = FAULT_KINDS.filter((kind) => kind !== "power_cut");
  const all = draw(7);
  expect(draw(7, without)).toEqual(all.filter(({ kind }) => kind !== "power_cut"));
});

test("most runs have some kinds and not others", () => {
  const kinds = new Set(draw(1, FAULT_KINDS, false).map(({ kind }) => kind));
  expect(kinds.size).toBeGreaterThan(0);
  expect(kinds.size).toBeLessThan(FAULT_KINDS.length);
});

test.each([
  ["no list", { kind: "wifi_away" }, /the plan/],
  ["a kind nobody knows", [{ kind: "meteor", atMs: 0 }], /0\.kind/],
  ["no time", [{ kind: "wifi_away", feeder: 0, forMs: 5 }], /0\.atMs/],
  ["a time before the world", [{ kind: "relay_drop", atMs: -1 }], /0\.atMs/],
  ["a share above all", [{ kind: "http_stall", atMs: 0, forMs: 1, share: 2 }], /0\.share/],
])("%s is refused with its place", (_what, plan, why) => {
  expect(parsePlan(plan)).toEqual({ kind: "refused", why: expect.stringMatching(why) });
});
