/** What the page knows, as signals: views read them, day-photos.ts and live-feed.ts write them. */
import { computed, signal } from "@preact/signals";
import { utcDate } from "../protocol/day-index.ts";
import type { DayCount, Feeder, Photo } from "./answers.ts";
import type { Refusal } from "./api.ts";
import { readClock } from "./browser-time.ts";
import type { EventWords } from "./event-words.ts";
import type { LiveState } from "./live-events.ts";
import { formatRoute, parseRoute, type Route } from "./routes.ts";
import { longDayText } from "./time-text.ts";
import type { VisitProgress } from "./visit-progress.ts";

export type DayView =
  | { readonly name: "loading" }
  /** Newest first. */
  | { readonly name: "ready"; readonly photos: readonly Photo[] }
  | { readonly name: "failed"; readonly refusal: Refusal };

export interface EventRow extends EventWords {
  readonly id: string;
  readonly ts: number;
  /** Undefined for what the page itself has to say. */
  readonly deviceId: string | undefined;
  /** The photo the row is about. */
  readonly photoKey: string | undefined;
}

/** Undefined for an address that leads nowhere. */
export const addressed = signal(parseRoute(location.hash));
export const route = computed<Route>(() => addressed.value ?? TODAY_OF_ALL);
const TODAY_OF_ALL: Route = { deviceId: undefined, date: undefined, photo: undefined };
/** Moves once a second; read it through a computed, so that a view changes only when its words do. */
export const nowMs = signal(readClock());
export const today = computed(() => utcDate(nowMs.value));
export const shownDate = computed(() => route.value.date ?? today.value);
export const dayTitle = computed(() => {
  if (addressed.value === undefined) return "This link leads nowhere";
  return shownDate.value === today.value ? "Today" : longDayText(shownDate.value, today.value);
});

export const feeders = signal<readonly Feeder[] | undefined>(undefined);
/** Of the feeders in view, newest day first. */
export const dayCounts = signal<readonly DayCount[]>([]);
export const dayView = signal<DayView>({ name: "loading" });
/** Photos that came while the reader was further down; shown when they ask or go back up. */
export const heldBack = signal<readonly string[]>([]);

export const live = signal<LiveState>({ name: "idle" });
/** Counts the connections, so that images which failed while the server was away are asked for again. */
export const joinings = signal(0);
/** Newest first. */
export const eventRows = signal<readonly EventRow[]>([]);
export const visit = signal<VisitProgress | undefined>(undefined);
/** For screen readers: the latest thing worth saying. */
export const spoken = signal("");
/** Mistakes of this page, and answers it did not expect. */
export const troubles = signal<readonly string[]>([]);

export const photosInView = computed(() =>
  dayView.value.name === "ready" ? dayView.value.photos : [],
);

/** Undefined for all feeders; the only feeder there is needs no choosing. */
export const viewedId = computed(() => {
  if (addressed.value === undefined) return undefined;
  const only = feeders.value?.length === 1 ? feeders.value[0] : undefined;
  return route.value.deviceId ?? only?.deviceId;
});

export const viewedFeeder = computed(() =>
  feeders.value?.find((feeder) => feeder.deviceId === viewedId.value),
);

/** The address of a photo that keeps the reader among the feeders they were looking at. */
export function photoHref(photo: Photo): string {
  const deviceId = viewedId.value === undefined ? undefined : photo.deviceId;
  return formatRoute({ deviceId, date: utcDate(photo.ts), photo });
}
