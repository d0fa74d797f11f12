import { UPDATE_BATTERY_MIN_MV } from "../limits.ts";

/** What an update waits for, unless it is forced. */
export interface Conditions {
  /** No visit, no photo on its way. */
  readonly isIdle: boolean;
  /** Undefined where none is measured. */
  readonly batteryMv: number | undefined;
  /** Undefined: at any time. */
  readonly window: { readonly fromMinute: number; readonly toMinute: number } | undefined;
  /** Milliseconds since the epoch; undefined before the server told. */
  readonly timeMs: number | undefined;
}

/** Force is for the hour and the battery: a visit is never cut short. */
export function isQuiet(conditions: Conditions, force: boolean): boolean {
  const { isIdle, batteryMv } = conditions;
  if (!isIdle) return false;
  if (force) return true;
  if (batteryMv !== undefined && batteryMv < UPDATE_BATTERY_MIN_MV) return false;
  return isInWindow(conditions);
}

function isInWindow({ window, timeMs }: Conditions): boolean {
  if (window === undefined) return true;
  if (timeMs === undefined) return false;
  const minute = Math.floor(timeMs / 60_000) % 1_440;
  const { fromMinute, toMinute } = window;
  return fromMinute <= toMinute
    ? minute >= fromMinute && minute < toMinute
    : minute >= fromMinute || minute < toMinute;
}
