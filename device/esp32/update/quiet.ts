import type { UpdateWindow } from "../../../protocol/update-window.ts";

/** What an update waits for, unless it is forced. */
export interface Conditions {
  /** No visit, no photo on its way. */
  readonly isIdle: boolean;
  /** Undefined where none is measured. */
  readonly batteryMv: number | undefined;
  readonly batteryMinMv: number;
  /** Undefined: at any time. */
  readonly window: UpdateWindow | undefined;
  /** Milliseconds since the epoch; undefined before the server told. */
  readonly timeMs: number | undefined;
}

/** Force is for the hour and the battery: a visit is never cut short. */
export function isQuiet(conditions: Conditions, force: boolean): boolean {
  const { isIdle, batteryMv, batteryMinMv } = conditions;
  if (!isIdle) return false;
  if (force) return true;
  if (batteryMv !== undefined && batteryMv < batteryMinMv) return false;
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
