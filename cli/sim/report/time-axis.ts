import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../host-sim/durations.ts";

/** What a lane is wide, in units of its own: it is stretched to what room there is. */
export const LANE_UNITS = 10_000;

const STEPS_MS = [
  ...[1, 2, 5, 10, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
];

/** A time of the run in units of the lane. */
export function unitsOf(atMs: number, lengthMs: number): number {
  return Number(((LANE_UNITS * atMs) / lengthMs).toFixed(1));
}

export function percentOf(atMs: number, lengthMs: number): string {
  return `${Number(((100 * atMs) / lengthMs).toFixed(3))}%`;
}

/** At round times, `most` of them at most; the end itself has no room for a label. */
export function ticksMs(lengthMs: number, most: number): number[] {
  const stepMs = STEPS_MS.find((step) => lengthMs / step <= most) ?? daysFor(lengthMs, most);
  return Array.from({ length: Math.ceil(lengthMs / stepMs) }, (_, tick) => tick * stepMs);
}

function daysFor(lengthMs: number, most: number): number {
  return Math.ceil(lengthMs / most / DAY_MS) * DAY_MS;
}

/** Hours and minutes of virtual time, with seconds where these matter. */
export function clockText(atMs: number): string {
  const hours = Math.floor(atMs / HOUR_MS);
  const minutes = twoDigits(Math.floor(atMs / MINUTE_MS) % 60);
  const seconds = Math.floor(atMs / SECOND_MS) % 60;
  return seconds === 0 ? `${hours}:${minutes}` : `${hours}:${minutes}:${twoDigits(seconds)}`;
}

/** To the millisecond. */
export function momentText(atMs: number): string {
  const whole = Math.round(atMs);
  const rest = String(whole % SECOND_MS).padStart(3, "0");
  const seconds = twoDigits(Math.floor(whole / SECOND_MS) % 60);
  const minutes = twoDigits(Math.floor(whole / MINUTE_MS) % 60);
  return `${Math.floor(whole / HOUR_MS)}:${minutes}:${seconds}.${rest}`;
}

export function durationText(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  if (ms < 2 * MINUTE_MS) return `${(ms / SECOND_MS).toFixed(1)} s`;
  if (ms < 2 * HOUR_MS) return `${(ms / MINUTE_MS).toFixed(1)} min`;
  return `${(ms / HOUR_MS).toFixed(1)} h`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
