/** The server's HTTP API. Addresses are relative to the page, so one origin serves both. */
import {
  type DayCount,
  type Feeder,
  type MissedEvents,
  type Photo,
  parseDayCount,
  parseFeeder,
  parseMissedEvents,
  parsePhoto,
  type RoomEvent,
} from "./answers.ts";
import { type Fields, isFields, listIn, textIn } from "./json-fields.ts";

export type Refusal =
  | { readonly name: "unreachable" }
  | { readonly name: "unreadable"; readonly path: string }
  | { readonly name: "refused"; readonly code: string; readonly text: string };

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

/** A server on the same network answers in milliseconds; a sleeping disk or a weak Wi-Fi in a few seconds. */
const ANSWER_TIMEOUT_MS = 15_000;

/** What a reverse proxy says in place of a server that is not there: 502, 503 or 504. */
const BAD_GATEWAY = 502;
const GATEWAY_TIMEOUT = 504;

export function getFeeders(): Promise<Answer<readonly Feeder[]>> {
  return askAll("v1/devices", "devices", parseFeeder);
}

/** Newest first. */
export function getDays(deviceId: string): Promise<Answer<readonly DayCount[]>> {
  return askAll(`v1/days/${deviceId}`, "days", parseDayCount);
}

export function getDayPhotos(deviceId: string, date: string): Promise<Answer<readonly Photo[]>> {
  return askAll(`v1/index/${deviceId}/${date}`, "events", (entry) => parsePhoto(entry, deviceId));
}

/** So many the server tells at once. */
const EVENTS_PAGE = 200;

/** More than the page shows; a longer absence is caught up by loading the view again. */
const PAGES_MAX = 5;

/** All behind `afterId`; without it the latest ones. */
export async function getEvents(afterId: string | undefined): Promise<Answer<MissedEvents>> {
  const events: RoomEvent[] = [];
  let last = afterId;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await getEventsPage(last);
    if (!answer.ok) return answer;
    const { events: found, complete } = answer.value;
    events.push(...found);
    const isLast = afterId === undefined || found.length < EVENTS_PAGE;
    if (isLast || !complete) return { ok: true, value: { events, complete } };
    last = events.at(-1)?.eventId;
  }
  return { ok: true, value: { events, complete: false } };
}

function getEventsPage(afterId: string | undefined): Promise<Answer<MissedEvents>> {
  return ask(`v1/events${afterQuery(afterId)}`, parseMissedEvents);
}

export function createViewerToken(): Promise<Answer<string>> {
  return ask("v1/viewer-token", (body) => textIn(body, "token"), { method: "POST" });
}

/** Makes a simulated feeder see a bird. */
export function createVisit(deviceId: string): Promise<Answer<unknown>> {
  return ask("v1/test/visits", (body) => body, {
    method: "POST",
    body: JSON.stringify({ deviceId }),
  });
}

export function mediaAddress(key: string): string {
  return `v1/objects/${key}`;
}

export function refusalText(refusal: Refusal): string {
  switch (refusal.name) {
    case "unreachable":
      return "The server does not answer.";
    case "unreadable":
      return `The server's answer to ${refusal.path} could not be read. Is it another version?`;
    case "refused":
      return `${refusal.text} (${refusal.code})`;
  }
}

/** A long list comes in pages: so many rows make a view that no browser shows any more. */
const LIST_MAX = 20_000;

async function askAll<T>(
  path: string,
  name: string,
  parseItem: (item: unknown) => T | undefined,
): Promise<Answer<readonly T[]>> {
  const all: T[] = [];
  let next: string | undefined;
  do {
    const answer = await ask(path + afterQuery(next), (body) => {
      next = textIn(body, "next");
      return listIn(body, name, parseItem);
    });
    if (!answer.ok) return answer;
    all.push(...answer.value);
  } while (next !== undefined && all.length < LIST_MAX);
  return { ok: true, value: all };
}

function afterQuery(after: string | undefined): string {
  return after === undefined ? "" : `?after=${encodeURIComponent(after)}`;
}

async function ask<T>(
  path: string,
  parse: (body: Fields) => T | undefined,
  request: RequestInit = {},
): Promise<Answer<T>> {
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const response = await fetch(path, { ...request, signal }).catch(() => undefined);
  if (response === undefined) return refuse({ name: "unreachable" });
  // The session has ended: the server leads to the log-in instead of the page, and from there back to this view.
  if (response.status === 401) location.reload();
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) return refuse(readProblem(response.status, body));
  const value = isFields(body) ? parse(body) : undefined;
  return value === undefined ? refuse({ name: "unreadable", path }) : { ok: true, value };
}

function readProblem(status: number, body: unknown): Refusal {
  const isProblem = isFields(body);
  if (!isProblem && status >= BAD_GATEWAY && status <= GATEWAY_TIMEOUT) {
    return { name: "unreachable" };
  }
  const problem = isProblem ? body : {};
  const text = textIn(problem, "detail") ?? textIn(problem, "title") ?? "The server refused.";
  return { name: "refused", code: textIn(problem, "code") ?? `HTTP ${status}`, text };
}

function refuse(refusal: Refusal): { ok: false; refusal: Refusal } {
  return { ok: false, refusal };
}
