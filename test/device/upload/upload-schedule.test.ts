import { expect, test } from "vitest";
import { scheduleAfterFailure, unpark } from "../../../device/esp32/upload/upload-schedule.ts";
import { withDefaults } from "../../../protocol/device-config.ts";

const MINUTE_MS = 60_000;

test.each([
  { attempts: 1, dueAtMs: 1 * MINUTE_MS, parked: false },
  { attempts: 2, dueAtMs: 5 * MINUTE_MS, parked: false },
  { attempts: 3, dueAtMs: 15 * MINUTE_MS, parked: false },
  { attempts: 4, dueAtMs: 60 * MINUTE_MS, parked: true },
  { attempts: 40, dueAtMs: 60 * MINUTE_MS, parked: true },
])(
  "after failure $attempts the next try is due $dueAtMs ms later",
  ({ attempts, dueAtMs, parked }) => {
    expect(scheduleAfterFailure(attempts, 7, withDefaults({}))).toEqual({
      dueAtMs: dueAtMs + 7,
      parked,
    });
  },
);

test("an open way makes parked stills due and leaves planned ones alone", () => {
  expect(unpark({ dueAtMs: 900, parked: true }, 5)).toEqual({ dueAtMs: 5, parked: true });
  expect(unpark({ dueAtMs: 900, parked: false }, 5)).toEqual({ dueAtMs: 900, parked: false });
});
