import { expect, test } from "vitest";
import { countText, mediaText, sizeText } from "../../dashboard/size-text.ts";
import {
  agoText,
  durationText,
  fileTimeText,
  longDayText,
  shortDayText,
} from "../../dashboard/time-text.ts";

const MINUTE_MS = 60_000;
const EVENING_MS = Date.parse("2026-11-21T23:30:15.250Z");

test.each([
  ["2026-11-21", "Saturday 21 November", "Sat 21 Nov"],
  ["2026-01-01", "Thursday 1 January", "Thu 1 Jan"],
  ["2025-12-31", "Wednesday 31 December 2025", "Wed 31 Dec 2025"],
  ["2027-01-01", "Friday 1 January 2027", "Fri 1 Jan 2027"],
])("seen from November 2026, %s is %s, in short %s", (date, long, short) => {
  expect([longDayText(date, "2026-11-21"), shortDayText(date, "2026-11-21")]).toEqual([
    long,
    short,
  ]);
});

test("a file is named by its time in UTC, without what file systems refuse", () => {
  expect(fileTimeText(EVENING_MS)).toBe("2026-11-21T233015Z");
});

test.each([
  [-5, "just now"],
  [0.9, "just now"],
  [1, "1 min ago"],
  [59, "59 min ago"],
  [60, "1 h ago"],
  [23 * 60, "23 h ago"],
  [24 * 60, "a day ago"],
  [72 * 60, "3 days ago"],
])("%d minutes are told as %s", (minutes, text) => {
  expect(agoText(EVENING_MS - minutes * MINUTE_MS, EVENING_MS)).toBe(text);
});

test.each([
  [420, "0.4 s"],
  [9940, "9.9 s"],
  [60_000, "60 s"],
  [300_000, "5 min"],
])("%d ms are told as %s", (durationMs, text) => {
  expect(durationText(durationMs)).toBe(text);
});

test.each([
  [999, "999 B"],
  [19_500, "20 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [1_440_000, "1.4 MB"],
])("%d bytes are told as %s", (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

test("one photo is no photos", () => {
  expect([countText(1, "photo"), countText(0, "photo")]).toEqual(["1 photo", "0 photos"]);
});

test.each([
  [["photos", "photos", "clips"], "2 new photos, 1 new clip"],
  [["clips", "clips"], "2 new clips"],
  [["photos"], "1 new photo"],
  [[], ""],
])("%o are counted as %s", (kinds, text) => {
  const media = kinds.map((kind) => ({ kind }));
  expect(mediaText(media, "new ")).toBe(text);
});
