import type { ComponentChildren } from "preact";
import { type Refusal, refusalText } from "./api.ts";
import { nextTry } from "./connection-state.tsx";
import { Icon } from "./icons.tsx";
import { formatRoute } from "./routes.ts";
import { countText } from "./size-text.ts";
import {
  dayCounts,
  dayTitle,
  feeders,
  route,
  shownDate,
  today,
  viewedFeeder,
  viewedId,
} from "./state.ts";
import { longDayText } from "./time-text.ts";

function Empty({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name="bird" />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function NoAnswer({ refusal, retryNow }: { refusal: Refusal; retryNow: () => void }) {
  if (refusal.name !== "unreachable") {
    return (
      <Empty title="These photos cannot be shown">
        <p>{refusalText(refusal)}</p>
        <p>
          <a href="#/">Show today</a>
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="The server does not answer">
      <p>
        Is it running? <code>npm start</code> starts it. {nextTry}
      </p>
      <button type="button" onClick={retryNow}>
        Try now
      </button>
    </Empty>
  );
}

/** In place of the day: the address names a feeder or a day that cannot exist. */
export function BrokenLink() {
  return (
    <div class="empty">
      <Icon name="bird" />
      <h1 id="day-heading">{dayTitle}</h1>
      <p>It names a feeder or a day that cannot exist.</p>
      <p>
        <a href="#/">Show today</a>
      </p>
    </div>
  );
}

export function EmptyDay() {
  if (feeders.value?.length === 0) return <NoFeeders />;
  if (viewedId.value !== undefined && viewedFeeder.value === undefined) return <UnknownFeeder />;
  return shownDate.value === today.value ? <NoVisitYet /> : <NoPhotosThatDay />;
}

function NoFeeders() {
  return (
    <Empty title="No feeder yet">
      <p>
        <code>npm start</code> brings a simulated one to try everything with.
      </p>
      <p>
        Have a board? <code>docs/hardware.md</code> says what it needs.
      </p>
    </Empty>
  );
}

function UnknownFeeder() {
  return (
    <Empty title={`No feeder is called ${viewedId.value}`}>
      <p>
        <a href="#/">Show all feeders</a>
      </p>
    </Empty>
  );
}

function NoVisitYet() {
  const isSimulated = viewedFeeder.value?.simulated ?? feeders.value?.some((it) => it.simulated);
  return (
    <Empty title="No visit yet today">
      <p>
        {isSimulated
          ? "Press “Visit now” to send a simulated bird, or wait for the first one."
          : "The first photo appears here when a bird lands."}
      </p>
      <LatestDay />
    </Empty>
  );
}

function NoPhotosThatDay() {
  return (
    <Empty title="No photos on this day">
      <LatestDay />
    </Empty>
  );
}

/** The way to the photos there are. */
function LatestDay() {
  const day = dayCounts.value.find(({ count }) => count > 0);
  if (day === undefined) return null;
  const { deviceId } = route.value;
  return (
    <p>
      <a href={formatRoute({ deviceId, date: day.date, photo: undefined })}>
        See {countText(day.count, "picture")} of {longDayText(day.date, today.value)}
      </a>
    </p>
  );
}
