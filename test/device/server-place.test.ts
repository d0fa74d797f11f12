import { expect, test } from "vitest";
import { ServerPlace } from "../../device/esp32/server-place.ts";

const NOON_MS = Date.UTC(2026, 5, 1, 12);

function placeAt(monotonicMs: () => number): ServerPlace {
  return new ServerPlace(
    { monotonicMs, after: () => ({ cancel: () => {} }) },
    { learn() {} },
    "http://server.test",
  );
}

test.each([
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e16,
  -1,
  0,
  Date.UTC(1999, 0),
  Date.UTC(2200, 0),
])("a server that says it is %d teaches nothing", (serverTimeMs) => {
  const place = placeAt(() => 1_000);
  place.learnTime(serverTimeMs);
  expect(place.wallClockMs(1_000)).toBeUndefined();
  place.learnTime(NOON_MS);
  place.learnTime(serverTimeMs);
  expect(place.wallClockMs(1_500)).toBe(NOON_MS + 500);
});

test("the jitter of a link moves nothing, a clock that drifted or was set does", () => {
  let nowMs = 1_000;
  const place = placeAt(() => nowMs);
  place.learnTime(NOON_MS);
  nowMs = 61_000;
  place.learnTime(NOON_MS + 60_900);
  expect(place.wallClockMs(61_000)).toBe(NOON_MS + 60_000);
  place.learnTime(NOON_MS - 3_600_000);
  expect(place.wallClockMs(61_000)).toBe(NOON_MS - 3_600_000);
});
