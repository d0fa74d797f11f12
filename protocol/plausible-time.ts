/** SkyFeeder did not exist before; a later date comes from a broken clock, and Date's own range ends far beyond. */
const EARLIEST_MS = Date.UTC(2020, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);

/** Is this a time, in milliseconds since the epoch, that a clock in use can show? NaN and Infinity are not. */
export function isPlausibleTimeMs(timeMs: number): boolean {
  return timeMs >= EARLIEST_MS && timeMs < LATEST_MS;
}
