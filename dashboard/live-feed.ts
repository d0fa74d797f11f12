/** What comes from the rooms, put where the views read it. */
import { effect, untracked } from "@preact/signals";
import type { Feeder, RoomEvent } from "./answers.ts";
import { createVisit, refusalText } from "./api.ts";
import { after, every, readClock } from "./browser-time.ts";
import { loadFeeders, loadView, takeInPhotos } from "./day-photos.ts";
import { describeEvent, type EventWords } from "./event-words.ts";
import { textIn } from "./json-fields.ts";
import { LiveConnection, type LiveNews } from "./live-socket.ts";
import { countText } from "./size-text.ts";
import {
  dayView,
  type EventRow,
  eventRows,
  feeders,
  joinings,
  live,
  spoken,
  visit,
} from "./state.ts";
import {
  advanceVisit,
  failVisit,
  giveUpUnfinished,
  giveUpUnseen,
  startVisit,
  type VisitProgress,
} from "./visit-progress.ts";

/** A morning at one feeder; more would only make the page slow. */
const ROWS_MAX = 200;

/** Nothing tells the page that a feeder fell silent, so it asks. */
const FEEDERS_PERIOD_MS = 15_000;

/** A feeder tells of a bird within a second; this leaves room for a slow link. */
const VISIT_SEEN_WITHIN_MS = 6_000;

/** Twice what a slow camera on a slow link takes from the bird to the gallery. */
const VISIT_DONE_WITHIN_MS = 60_000;

export function startLiveFeed(): LiveConnection {
  followFeeders();
  every(FEEDERS_PERIOD_MS, () => {
    if (live.value.name === "live") void loadFeeders();
  });
  return new LiveConnection(hear);
}

export async function askForVisit(deviceId: string): Promise<void> {
  const startedMs = readClock();
  visit.value = startVisit(deviceId, startedMs, lastVisitMs(deviceId));
  const change = (next: (visit: VisitProgress) => VisitProgress) => {
    if (visit.value?.startedMs === startedMs) visit.value = next(visit.value);
  };
  const answer = await createVisit(deviceId);
  if (!answer.ok) change((asked) => failVisit(asked, refusalText(answer.refusal)));
  after(VISIT_SEEN_WITHIN_MS, () => change(giveUpUnseen));
  after(VISIT_DONE_WITHIN_MS, () => change(giveUpUnfinished));
}

function lastVisitMs(deviceId: string): number | undefined {
  return eventRows.value.find((row) => row.deviceId === deviceId && row.icon === "bird")?.ts;
}

function hear(news: LiveNews): void {
  switch (news.name) {
    case "deliver":
      return deliver(news.events);
    case "reload":
      return void loadView();
    case "tellLost":
      return say({ icon: "warning", tone: "warning", text: "Connection to the server lost" });
    case "tellBack":
      return sayBack(news.filledIn, news.complete);
  }
}

function deliver(events: readonly RoomEvent[]): void {
  if (dayView.value.name === "failed") void loadView();
  addRows(events.map(rowOf).filter((row) => row !== undefined));
  takeInPhotos(events);
  for (const event of events) {
    if (visit.value !== undefined) visit.value = advanceVisit(visit.value, event, readClock());
  }
}

function sayBack(filledIn: number, complete: boolean): void {
  joinings.value += 1;
  const filled = `Reconnected, ${countText(filledIn, "event")} filled in`;
  const text = complete ? filled : `${filled}; older ones are gone, the photos were loaded again`;
  say({ icon: "link", tone: "good", text });
}

/** Whoever asked for the feeders: who came and who went is told once. */
function followFeeders(): void {
  let before: readonly Feeder[] = [];
  effect(() => {
    const now = feeders.value ?? [];
    const changed = now.filter(({ deviceId, online }) =>
      before.some((known) => known.deviceId === deviceId && known.online !== online),
    );
    before = now;
    untracked(() => changed.forEach(sayOnline));
  });
}

function sayOnline({ deviceId, online }: Feeder): void {
  const words: EventWords = online
    ? { icon: "link", tone: "good", text: "Came online" }
    : { icon: "warning", tone: "warning", text: "Went offline" };
  say(words, deviceId);
}

let saidCount = 0;

function say(words: EventWords, deviceId?: string): void {
  saidCount += 1;
  spoken.value = deviceId === undefined ? words.text : `${deviceId}: ${words.text}`;
  const row = { ...words, id: `page-${saidCount}`, ts: readClock(), deviceId, photoKey: undefined };
  addRows([row]);
}

/** Oldest first, as they arrive. */
function addRows(rows: readonly EventRow[]): void {
  if (rows.length === 0) return;
  eventRows.value = [...rows.toReversed(), ...eventRows.value].slice(0, ROWS_MAX);
}

function rowOf(event: RoomEvent): EventRow | undefined {
  const words = describeEvent(event);
  if (words === undefined) return undefined;
  const { eventId, ts, deviceId, payload } = event;
  const photoKey = words.icon === "photo" ? textIn(payload, "key") : undefined;
  return { ...words, id: eventId, ts, deviceId, photoKey };
}
