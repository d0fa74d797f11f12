import type { DeviceConfig } from "../../../protocol/device-config.ts";

/** When a spooled still is tried next. */
export interface Schedule {
  readonly dueAtMs: number;
  /** All planned attempts failed: it waits for a success, a reconnect or the hour. */
  readonly parked: boolean;
}

/** `attempts` counts the failed one, which began at `startedAtMs`. */
export function scheduleAfterFailure(
  attempts: number,
  startedAtMs: number,
  config: Pick<DeviceConfig, "uploadRetrySeconds" | "parkedRetrySeconds">,
): Schedule {
  const delaySeconds = config.uploadRetrySeconds[attempts - 1];
  return delaySeconds === undefined
    ? { dueAtMs: startedAtMs + config.parkedRetrySeconds * 1_000, parked: true }
    : { dueAtMs: startedAtMs + delaySeconds * 1_000, parked: false };
}

/** A reason to believe that the way is open again: whatever is parked is due now. */
export function unpark(schedule: Schedule, nowMs: number): Schedule {
  return schedule.parked ? { dueAtMs: nowMs, parked: true } : schedule;
}
