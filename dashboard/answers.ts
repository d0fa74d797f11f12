import type { DayIndexEntry } from "../protocol/day-index.ts";
import { type Fields, isFields, listIn, numberIn, textIn } from "./json-fields.ts";

export interface Feeder {
  readonly deviceId: string;
  /** What people call it: its id where nobody has named it. */
  readonly name: string;
  readonly online: boolean;
  readonly lastSeenTs: number | undefined;
  readonly photosToday: number;
  readonly lastPhotoKey: string | undefined;
  /** It lives in the server's own simulator, so a visit can be asked for. */
  readonly simulated: boolean;
}

export interface Photo extends DayIndexEntry {
  readonly deviceId: string;
}

export interface DayCount {
  /** UTC calendar day, YYYY-MM-DD. */
  readonly date: string;
  readonly count: number;
}

/** A message of a room as the server relays it; `payload` depends on `type` and on the feeder's version. */
export interface RoomEvent {
  readonly type: string;
  readonly deviceId: string;
  readonly ts: number;
  readonly eventId: string;
  readonly payload: Fields;
}

export interface MissedEvents {
  /** Oldest first. */
  readonly events: readonly RoomEvent[];
  /** False when older ones were dropped before they could be asked for. */
  readonly complete: boolean;
}

export function parseFeeder(value: unknown): Feeder | undefined {
  if (!isFields(value)) return undefined;
  const deviceId = textIn(value, "deviceId");
  const photosToday = numberIn(value, "photosToday");
  if (deviceId === undefined || photosToday === undefined) return undefined;
  return {
    deviceId,
    name: textIn(value, "name") ?? deviceId,
    photosToday,
    online: value.online === true,
    lastSeenTs: numberIn(value, "lastSeenTs"),
    lastPhotoKey: isFields(value.lastPhoto) ? textIn(value.lastPhoto, "key") : undefined,
    simulated: value.simulated === true,
  };
}

export function parseDayCount(value: unknown): DayCount | undefined {
  if (!isFields(value)) return undefined;
  const date = textIn(value, "date");
  const count = numberIn(value, "count");
  return date === undefined || count === undefined ? undefined : { date, count };
}

/** An entry of a day index, and the payload of event.photo, which names its time `capturedTs`. */
export function parsePhoto(value: unknown, deviceId: string): Photo | undefined {
  if (!isFields(value)) return undefined;
  const id = textIn(value, "id");
  const key = textIn(value, "key");
  const ts = numberIn(value, "ts") ?? numberIn(value, "capturedTs");
  if (id === undefined || key === undefined || ts === undefined) return undefined;
  return {
    deviceId,
    id,
    key,
    ts,
    kind: textIn(value, "kind") ?? "photos",
    bytes: numberIn(value, "bytes") ?? 0,
    sha256: textIn(value, "sha256") ?? "",
    saved: value.saved === true,
  };
}

export function parseRoomEvent(value: unknown): RoomEvent | undefined {
  if (!isFields(value)) return undefined;
  const type = textIn(value, "type");
  const deviceId = textIn(value, "deviceId");
  const ts = numberIn(value, "ts");
  const eventId = textIn(value, "eventId");
  if (type === undefined || deviceId === undefined) return undefined;
  if (ts === undefined || eventId === undefined) return undefined;
  return { type, deviceId, ts, eventId, payload: isFields(value.payload) ? value.payload : {} };
}

export function parseMissedEvents(value: Fields): MissedEvents | undefined {
  const events = listIn(value, "events", parseRoomEvent);
  return events === undefined ? undefined : { events, complete: value.complete === true };
}
