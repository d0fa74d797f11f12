import { RECONNECT_BASE_MS, RECONNECT_CAP_MS } from "../limits.ts";

/** Exponential backoff with full jitter: uniform below base * 2^failures, so that a fleet does not return as one. */
export function reconnectDelayMs(failures: number, uniform: number): number {
  const ceilingMs = Math.min(RECONNECT_CAP_MS, RECONNECT_BASE_MS * 2 ** Math.min(failures, 16));
  return Math.floor(uniform * ceilingMs);
}
