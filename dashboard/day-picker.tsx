import type { DayCount } from "./answers.ts";
import { formatRoute } from "./routes.ts";
import { dayCounts, route, shownDate, today } from "./state.ts";
import { Strip } from "./strip.tsx";
import { shortDayText } from "./time-text.ts";

/** The days that have photos or clips, newest first; today and the day in view stand there without any. */
export function DayPicker() {
  const days = withDays(dayCounts.value, [today.value, shownDate.value]);
  if (days.length < 2) return null;
  const most = Math.max(...days.map(({ count }) => count), 1);
  return (
    <Strip name="days" label="Days" current={shownDate.value} length={days.length}>
      {days.map(({ date, count }) => (
        <li key={date}>
          <a href={hrefOf(date)} aria-current={date === shownDate.value ? "date" : undefined}>
            <span class="day-name">{dayName(date)}</span>{" "}
            <span class="day-count">
              {count}
              <span class="spoken"> {count === 1 ? "picture" : "pictures"}</span>
            </span>
            <span class="day-bar" style={{ inlineSize: `${(count / most) * 100}%` }} />
          </a>
        </li>
      ))}
    </Strip>
  );
}

function dayName(date: string): string {
  return date === today.value ? "Today" : shortDayText(date, today.value);
}

/** Today has no date in its address: the page left open moves on with the calendar. */
function hrefOf(date: string): string {
  const { deviceId } = route.value;
  return formatRoute({ deviceId, date: date === today.value ? undefined : date, photo: undefined });
}

function withDays(counts: readonly DayCount[], dates: readonly string[]): readonly DayCount[] {
  const missing = [...new Set(dates)].filter((date) => !counts.some((day) => day.date === date));
  const days = [...counts, ...missing.map((date) => ({ date, count: 0 }))];
  return days.toSorted((a, b) => b.date.localeCompare(a.date));
}
