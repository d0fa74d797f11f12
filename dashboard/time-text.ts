/** Times in words. Days are UTC days, as the index keeps them; clock times are the reader's own. */

const DAY_MS = 86_400_000;

/** British forms: the day before the month, 24 hours, Monday first, and columns of times that line up. */
const LANGUAGE = "en-GB";

const clock = new Intl.DateTimeFormat(LANGUAGE, { hour: "2-digit", minute: "2-digit" });
const exactClock = new Intl.DateTimeFormat(LANGUAGE, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const weekday = new Intl.DateTimeFormat(LANGUAGE, { weekday: "short" });
const utcLongDay = new Intl.DateTimeFormat(LANGUAGE, {
  weekday: "long",
  day: "numeric",
  month: "long",
  timeZone: "UTC",
});
const utcShortDay = new Intl.DateTimeFormat(LANGUAGE, {
  weekday: "short",
  day: "numeric",
  month: "short",
  timeZone: "UTC",
});

export function utcDate(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** `Saturday 21 November`. */
export function longDayText(date: string): string {
  return utcLongDay.format(Date.parse(date)).replace(",", "");
}

/** `Sat 21 Nov`. */
export function shortDayText(date: string): string {
  return utcShortDay.format(Date.parse(date)).replace(",", "");
}

export function clockText(timeMs: number): string {
  return clock.format(timeMs);
}

export function exactClockText(timeMs: number): string {
  return exactClock.format(timeMs);
}

/** `00:12`, or `Sun 00:12` when the reader's own calendar is on another day than the index is. */
export function clockOnDayText(timeMs: number, date: string): string {
  const localDay = new Date(timeMs).getDate();
  const isSameDay = localDay === Number(date.slice(8));
  return isSameDay ? clockText(timeMs) : `${weekday.format(timeMs)} ${clockText(timeMs)}`;
}

/** What the reader must know to read times under a UTC day: `UTC+1`, or undefined when their clock is UTC. */
export function zoneText(timeMs: number): string | undefined {
  const minutes = -new Date(timeMs).getTimezoneOffset();
  if (minutes === 0) return undefined;
  const part = Math.abs(minutes) % 60;
  const hours = Math.floor(Math.abs(minutes) / 60);
  const sign = minutes > 0 ? "+" : "\u2212";
  return `UTC${sign}${hours}${part === 0 ? "" : `:${String(part).padStart(2, "0")}`}`;
}

/** `just now`, `12 min ago`, `3 h ago`, `5 days ago`. */
export function agoText(timeMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - timeMs) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  const days = Math.floor((nowMs - timeMs) / DAY_MS);
  return days === 1 ? "a day ago" : `${days} days ago`;
}

/** `0.4 s`, `12 s`, `5 min`. */
export function durationText(durationMs: number): string {
  const seconds = durationMs / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/** Sorts in a folder, and no file system refuses it: `2026-11-21T081409Z`. */
export function fileTimeText(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/:|\.\d+/g, "");
}
