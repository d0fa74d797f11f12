import { expect, test } from "vitest";
import { isQuiet } from "../../../device/esp32/update/quiet.ts";
import { decodeNote, encodeNote, FIRST_NOTE } from "../../../device/esp32/update/retained-note.ts";

const QUIET = {
  ...{ isIdle: true, batteryMv: undefined, batteryMinMv: 3_600 },
  ...{ window: undefined, timeMs: undefined },
};
const at = (text: string): number => Date.parse(`2026-06-01T${text}:00Z`);
const NIGHT = { fromMinute: 22 * 60, toMinute: 4 * 60 + 30 };
const NOON = { fromMinute: 12 * 60, toMinute: 13 * 60 };

test.each([
  ["nothing going on", {}, true, true],
  ["a visit", { isIdle: false }, false, false],
  ["a cell at a third", { batteryMv: 3_600 }, true, true],
  ["a cell below a third", { batteryMv: 3_599 }, false, true],
  ["night, at one in the morning", { window: NIGHT, timeMs: at("01:00") }, true, true],
  ["night, at its end", { window: NIGHT, timeMs: at("04:30") }, false, true],
  ["night, at noon", { window: NIGHT, timeMs: at("12:00") }, false, true],
  ["noon, at its start", { window: NOON, timeMs: at("12:00") }, true, true],
  ["noon, before", { window: NOON, timeMs: at("11:59") }, false, true],
  ["a window, and no clock", { window: NOON }, false, true],
])("%s", (_what, conditions, expected, forced) => {
  expect(isQuiet({ ...QUIET, ...conditions }, false)).toBe(expected);
  expect(isQuiet({ ...QUIET, ...conditions }, true)).toBe(forced);
});

test("what one boot notes for the next survives; noise is no note", () => {
  const note = {
    failedBoots: 2,
    restartWanted: true,
    safeMode: "flash_failed",
    startedBuild: 0xdeadbeef,
  } as const;
  const memory = new Uint8Array(64).fill(0xa5);
  expect(decodeNote(memory)).toEqual(FIRST_NOTE);
  memory.set(encodeNote(note));
  expect(decodeNote(memory)).toEqual(note);
  memory[0] = 1;
  expect(decodeNote(memory)).toEqual(FIRST_NOTE);
});
