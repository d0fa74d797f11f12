import { expect, test } from "vitest";
import { countText, sizeText } from "../../dashboard/size-text.ts";
import {
  agoText,
  durationText,
  fileTimeText,
  longDayText,
  shortDayText,
  utcDate,
} from "../../dashboard/time-text.ts";

const MINUTE_MS = 60_000;
const EVENING_MS = Date.parse("2026-11-21T23:30:15.250Z");

test("a day has a long and a short name, and belongs to UTC", () => {
  expect(utcDate(EVENING_MS)).toBe("2026-11-21");
  expect(longDayText("2026-11-21")).toBe("Saturday 21 November");
  expect(shortDayText("2026-11-21")).toBe("Sat 21 Nov");
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
