/** Times in words. Days are UTC days, as the index keeps them; clock times are the reader's own. */

const DAY_MS = 86_400_000;

/** British forms: the day before the month, 24 hours, Monday first, and columns of times that line up. */
const LANGUAGE = "en-GB";

const clock = new Intl.DateTimeFormat(LANGUAGE, { timeStyle: "short" });
const exactClock = new Intl.DateTimeFormat(LANGUAGE, { timeStyle: "medium" });
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

/** `Saturday 21 November`, with its year when that is not today's. */
export function longDayText(date: string, today: string): string {
  return dayText(utcLongDay, date, today);
}

/** `Sat 21 Nov`, with its year when that is not today's. */
export function shortDayText(date: string, today: string): string {
  return dayText(utcShortDay, date, today);
}

function dayText(format: Intl.DateTimeFormat, date: string, today: string): string {
  const text = format.format(Date.parse(date)).replace(",", "");
  const year = date.slice(0, 4);
  return today.startsWith(year) ? text : `${text} ${year}`;
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
