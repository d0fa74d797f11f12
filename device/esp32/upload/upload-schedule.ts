import { PARKED_RETRY_MS, RETRY_DELAYS_MS } from "../limits.ts";

/** When a spooled still is tried next. */
export interface Schedule {
  readonly dueAtMs: number;
  /** All planned attempts failed: it waits for a success, a reconnect or the hour. */
  readonly parked: boolean;
}

/** `attempts` counts the failed one, which began at `startedAtMs`. */
export function scheduleAfterFailure(attempts: number, startedAtMs: number): Schedule {
  const delayMs = RETRY_DELAYS_MS[attempts - 1];
  return delayMs === undefined
    ? { dueAtMs: startedAtMs + PARKED_RETRY_MS, parked: true }
    : { dueAtMs: startedAtMs + delayMs, parked: false };
}

/** A reason to believe that the way is open again: whatever is parked is due now. */
export function unpark(schedule: Schedule, nowMs: number): Schedule {
  return schedule.parked ? { dueAtMs: nowMs, parked: true } : schedule;
}
