import { expect, test } from "vitest";
import { type MotionInput, NO_MOTION, stepMotion } from "../../../device/esp32/capture/motion.ts";
import { withDefaults } from "../../../protocol/device-config.ts";

const CONFIG = withDefaults({});

type Happening = readonly [atMs: number, input: MotionInput];

const pir = (atMs: number, present: boolean): Happening => [atMs, { kind: "pir", present }];
const weight = (atMs: number, grams: number): Happening => [atMs, { kind: "weight", grams }];

/** Runs the machine as its shell does, answering each wish to settle; gives the visits. */
function visits(happenings: readonly Happening[]): string[] {
  const queue = [...happenings];
  const seen: string[] = [];
  let state = NO_MOTION;
  while (queue.length > 0) {
    queue.sort(([a], [b]) => a - b);
    const [atMs, input] = queue.shift() as Happening;
    const step = stepMotion(state, input, CONFIG, atMs);
    state = step.state;
    if (step.settleMs !== undefined) queue.push([atMs + step.settleMs, { kind: "settled" }]);
    if (step.visit !== undefined) seen.push(`${atMs} ${step.visit.trigger}`);
  }
  return seen;
}

test.each<[string, readonly Happening[], string[]]>([
  ["a PIR edge that lasts is a visit", [pir(0, true), pir(3000, false)], ["500 pir"]],
  ["a glitch is not", [pir(0, true), pir(200, false)], []],
  [
    "two glitches do not add up",
    [pir(0, true), pir(300, false), pir(400, true), pir(600, false)],
    [],
  ],
  [
    "weight on the perch is a visit",
    [weight(0, 120), weight(250, 120), weight(500, 118)],
    ["500 weight"],
  ],
  ["wind below the threshold is not", [weight(0, 79), weight(250, 79), weight(900, 79)], []],
  ["a spike of the scale is not", [weight(0, 900), weight(250, 0)], []],
  ["a bird that stays is one visit", [pir(0, true), pir(60_000, false)], ["500 pir"]],
  [
    "one that hops off and on within the cool-down is one visit",
    [pir(0, true), pir(2000, false), pir(4000, true), pir(6000, false)],
    ["500 pir"],
  ],
  [
    "one that comes in the cool-down and stays is the next visit when it ends",
    [pir(0, true), pir(2000, false), pir(8000, true), pir(20_000, false)],
    ["500 pir", "10500 pir"],
  ],
  [
    "birds that the PIR sees come are visits although snow holds the scale down",
    [weight(0, 95), pir(20_000, true), pir(23_000, false), pir(60_000, true), pir(62_000, false)],
    ["500 weight", "20500 pir", "60500 pir"],
  ],
  [
    "one after the cool-down is the next visit",
    [pir(0, true), pir(2000, false), pir(10_100, true), pir(12_000, false)],
    ["500 pir", "10600 pir"],
  ],
])("%s", (_name, happenings, expected) => {
  expect(visits(happenings)).toEqual(expected);
});
