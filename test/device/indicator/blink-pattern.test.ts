import { expect, test } from "vitest";
import {
  BLINK_PATTERNS,
  type BlinkPattern,
  blinkAt,
} from "../../../device/esp32/indicator/blink-pattern.ts";
import { shownState } from "../../../device/esp32/indicator/indicator.ts";

const DAY_MS = 86_400_000;

/** Its edges: when, and to what. */
function edges(pattern: BlinkPattern, untilMs: number): [number, boolean][] {
  const found: [number, boolean][] = [];
  let atMs = 0;
  while (atMs < untilMs) {
    const { isOn, changesInMs } = blinkAt(pattern, atMs);
    found.push([atMs, isOn]);
    if (changesInMs === undefined) return found;
    expect(changesInMs).toBeGreaterThan(0);
    atMs += changesInMs;
  }
  return found;
}

test.each([
  ["safe_mode", 10_300, [0, 100, 300, 400, 10_000, 10_100]],
  ["provisioning", 1_600, [0, 500, 1_000, 1_500]],
  ["connecting_wifi", 2_000, [0, 100, 1_000, 1_100]],
  ["online", DAY_MS, [0, 5_000]],
  ["uploading", DAY_MS, [0]],
] as const)("%s blinks so", (state, untilMs, expected) => {
  const found = edges(BLINK_PATTERNS[state], untilMs);
  expect(found.map(([atMs]) => atMs)).toEqual(expected);
  expect(found.map(([, isOn]) => isOn)).toEqual(expected.map((_, index) => index % 2 === 0));
});

test("whoever waits for a network is left dark after a while, and wakes for nothing", () => {
  for (const [state, forMs] of [
    ["connecting_wifi", 120_000],
    ["provisioning", 600_000],
  ] as const) {
    const last = edges(BLINK_PATTERNS[state], DAY_MS).at(-1);
    expect(last?.[0]).toBeLessThanOrEqual(forMs);
    expect(last?.[1]).toBe(false);
  }
});

test.each([
  [{ isSafeMode: true, isBare: true, isOnline: true, isUploading: true }, "safe_mode"],
  [{ isSafeMode: false, isBare: true, isOnline: false, isUploading: false }, "provisioning"],
  [{ isSafeMode: false, isBare: true, isOnline: true, isUploading: false }, "online"],
  [{ isSafeMode: false, isBare: false, isOnline: false, isUploading: true }, "connecting_wifi"],
  [{ isSafeMode: false, isBare: false, isOnline: true, isUploading: true }, "uploading"],
])("%j is shown as %s", (facts, state) => {
  expect(shownState(facts)).toBe(state);
});
