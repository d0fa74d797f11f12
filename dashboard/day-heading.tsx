import type { Feeder } from "./answers.ts";
import { FeederState } from "./feeder-picker.tsx";
import { Icon } from "./icons.tsx";
import { askForVisit } from "./live-feed.ts";
import { mediaText } from "./size-text.ts";
import {
  dayTitle,
  feeders,
  photosInView,
  shownDate,
  today,
  viewedFeeder,
  viewedId,
  visit,
} from "./state.ts";
import { longDayText, zoneText } from "./time-text.ts";
import { isWaiting } from "./visit-progress.ts";

export function DayHeading() {
  const date = shownDate.value;
  return (
    <div class="day-heading">
      <h1 id="day-heading">
        {dayTitle} {viewedId.value !== undefined && <span class="at">at {viewedId}</span>}
      </h1>
      <VisitButton />
      <p class="facts">
        {date === today.value && <span>{longDayText(date, date)}</span>}
        {photosInView.value.length > 0 && <span>{mediaText(photosInView.value)}</span>}
        <span>{zoneNote(date)}</span>
        {viewedFeeder.value !== undefined && <FeederState feeder={viewedFeeder.value} />}
      </p>
    </div>
  );
}

function zoneNote(date: string): string {
  const zone = zoneText(Date.parse(date));
  return zone === undefined ? "times and day in UTC" : `times in ${zone}, day in UTC`;
}

function VisitButton() {
  const feeder = nextSimulated();
  if (feeder === undefined) return null;
  const isUnderWay = visit.value !== undefined && isWaiting(visit.value);
  return (
    <button
      type="button"
      aria-disabled={isUnderWay}
      onClick={() => isUnderWay || void askForVisit(feeder.deviceId)}
    >
      <Icon name="bird" />
      Visit now
    </button>
  );
}

/** The feeder in view, or the simulated ones in turn. */
function nextSimulated(): Feeder | undefined {
  const all = feeders.value ?? [];
  const ready = all.filter(({ simulated, online }) => simulated && online);
  if (viewedId.value !== undefined) {
    return ready.find(({ deviceId }) => deviceId === viewedId.value);
  }
  const last = ready.findIndex(({ deviceId }) => deviceId === visit.value?.deviceId);
  return ready[(last + 1) % ready.length];
}
