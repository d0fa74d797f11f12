/** Loads what the address asks for, and keeps it true as photos arrive. */
import { computed, effect } from "@preact/signals";
import { utcDate } from "../protocol/day-index.ts";
import { type DayCount, type Photo, parsePhoto, type RoomEvent } from "./answers.ts";
import { type Answer, getDayPhotos, getDays, getFeeders } from "./api.ts";
import { after } from "./browser-time.ts";
import { dayCounts, dayView, feeders, heldBack, shownDate, spoken, viewedId } from "./state.ts";
import { clockText } from "./time-text.ts";

/** A burst of photos asks for the counts once. */
const COUNTS_DELAY_MS = 1_000;

/** Further down than this the reader is looking at something, and the page must not move under them. */
const READING_FROM_PX = 300;

const view = computed(() => ({ deviceId: viewedId.value, date: shownDate.value }));

/** Loads again whenever the address or the UTC day changes. */
export function followAddress(): void {
  let shown: typeof view.value | undefined;
  effect(() => {
    const wanted = view.value;
    if (wanted.deviceId === shown?.deviceId && wanted.date === shown?.date) return;
    if (wanted.deviceId !== shown?.deviceId) dayCounts.value = [];
    shown = wanted;
    dayView.value = { name: "loading" };
    heldBack.value = [];
    void loadView();
  });
}

let latestLoad = 0;
let finishedLoad = 0;

/** Of two loads under way the later one counts. */
export async function loadView(): Promise<void> {
  latestLoad += 1;
  const load = latestLoad;
  if (feeders.value === undefined) await loadFeeders();
  if (load !== latestLoad || feeders.value === undefined) return;
  const { date } = view.value;
  const deviceIds = deviceIdsInView();
  const [photos, days] = await Promise.all([
    Promise.all(deviceIds.map((deviceId) => getDayPhotos(deviceId, date))),
    Promise.all(deviceIds.map((deviceId) => getDays(deviceId))),
  ]);
  if (load !== latestLoad) return;
  finishedLoad = load;
  showDays(joinLists(days));
  showPhotos(joinLists(photos));
}

function showPhotos(loaded: Answer<readonly Photo[]>): void {
  if (loaded.ok) {
    heldBack.value = [];
    dayView.value = { name: "ready", photos: newestFirst(loaded.value) };
    return;
  }
  // Photos already shown stay: the lost connection is told elsewhere, and loads them again.
  const isStillShown = dayView.value.name === "ready" && loaded.refusal.name === "unreachable";
  if (!isStillShown) dayView.value = { name: "failed", refusal: loaded.refusal };
}

export async function loadFeeders(): Promise<void> {
  const answer = await getFeeders();
  if (answer.ok) feeders.value = answer.value;
  else if (feeders.value === undefined) {
    dayView.value = { name: "failed", refusal: answer.refusal };
  }
}

/** Puts photos that just came into the day they were taken on. */
export function takeInPhotos(events: readonly RoomEvent[]): void {
  const arrived = events
    .filter((event) => event.type === "event.photo")
    .map((event) => parsePhoto(event.payload, event.deviceId))
    .filter((photo) => photo !== undefined);
  if (arrived.length === 0) return;
  refreshCounts();
  const { deviceId, date } = view.value;
  const fitting = arrived.filter(
    (photo) =>
      utcDate(photo.ts) === date && (deviceId === undefined || photo.deviceId === deviceId),
  );
  if (fitting.length > 0) addPhotos(fitting);
}

export function showHeldBack(): void {
  if (heldBack.value.length > 0) heldBack.value = [];
}

export function isReadingBelow(): boolean {
  return scrollY > READING_FROM_PX;
}

function addPhotos(arrived: readonly Photo[]): void {
  // The answer under way may be older than these.
  if (finishedLoad !== latestLoad) return void loadView();
  if (dayView.value.name !== "ready") return;
  const { photos } = dayView.value;
  const fresh = arrived.filter((photo) => !photos.some((known) => known.key === photo.key));
  const newest = fresh.at(-1);
  if (newest === undefined) return;
  if (isReadingBelow()) heldBack.value = [...heldBack.value, ...fresh.map((photo) => photo.key)];
  dayView.value = { name: "ready", photos: newestFirst([...fresh, ...photos]) };
  spoken.value = `New ${newest.kind === "clips" ? "clip" : "photo"} from ${newest.deviceId}, ${clockText(newest.ts)}`;
}

let areCountsDue = false;

function refreshCounts(): void {
  if (areCountsDue) return;
  areCountsDue = true;
  after(COUNTS_DELAY_MS, () => {
    areCountsDue = false;
    void loadCounts();
  });
}

async function loadCounts(): Promise<void> {
  await loadFeeders();
  const asked = view.value;
  const days = await Promise.all(deviceIdsInView().map((deviceId) => getDays(deviceId)));
  if (asked === view.value) showDays(joinLists(days));
}

function showDays(days: Answer<readonly DayCount[]>): void {
  if (days.ok) dayCounts.value = addUp(days.value);
}

function deviceIdsInView(): readonly string[] {
  if (viewedId.value !== undefined) return [viewedId.value];
  return (feeders.value ?? []).map(({ deviceId }) => deviceId);
}

function joinLists<T>(answers: readonly Answer<readonly T[]>[]): Answer<readonly T[]> {
  const items: T[] = [];
  for (const answer of answers) {
    if (!answer.ok) return answer;
    items.push(...answer.value);
  }
  return { ok: true, value: items };
}

function newestFirst(photos: readonly Photo[]): readonly Photo[] {
  return photos.toSorted((a, b) => b.ts - a.ts || b.key.localeCompare(a.key));
}

function addUp(days: readonly DayCount[]): readonly DayCount[] {
  const counts = new Map<string, number>();
  for (const { date, count } of days) counts.set(date, (counts.get(date) ?? 0) + count);
  return [...counts]
    .map(([date, count]) => ({ date, count }))
    .toSorted((a, b) => b.date.localeCompare(a.date));
}
