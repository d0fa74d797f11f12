/** From the click on "Visit now" to the photo in the gallery, told by the events of that feeder. */
import type { RoomEvent } from "./answers.ts";
import { captureFailureText, uploadFailureText } from "./event-words.ts";
import { textIn } from "./json-fields.ts";

/** In the order a visit goes through them. */
export const VISIT_STEPS = ["Visit seen", "Photo taken", "Uploaded", "In the gallery"] as const;

export interface VisitProgress {
  readonly deviceId: string;
  readonly startedMs: number;
  readonly captureId: string | undefined;
  /** How many of VISIT_STEPS are done. */
  readonly done: number;
  readonly end: VisitEnd | undefined;
  /** It was asked for so soon after another one that the feeder may take both for the same bird. */
  readonly isResting: boolean;
  /** What went wrong and is being tried again. */
  readonly hitch: string | undefined;
}

export type VisitEnd =
  | { readonly name: "stored"; readonly key: string; readonly tookMs: number }
  | { readonly name: "unseen" }
  | { readonly name: "failed"; readonly reason: string };

/** For so long after a visit the feeder takes whatever comes for the same bird. */
const REST_MS = 10_000;

/** `lastVisitMs`: when a bird was last seen there. */
export function startVisit(
  deviceId: string,
  nowMs: number,
  lastVisitMs: number | undefined,
): VisitProgress {
  return {
    deviceId,
    startedMs: nowMs,
    captureId: undefined,
    done: 0,
    end: undefined,
    isResting: lastVisitMs !== undefined && nowMs - lastVisitMs < REST_MS,
    hitch: undefined,
  };
}

export function advanceVisit(
  visit: VisitProgress,
  { type, deviceId, payload }: RoomEvent,
  nowMs: number,
): VisitProgress {
  if (deviceId !== visit.deviceId || visit.end !== undefined) return visit;
  const captureId = textIn(payload, "captureId");
  if (visit.captureId === undefined) {
    return type === "event.visit" ? { ...visit, captureId, done: 1 } : visit;
  }
  if (captureId !== visit.captureId) return visit;
  if (type === "event.capture") {
    return payload.ok === true ? reach(visit, 2) : failVisit(visit, captureFailureText(payload));
  }
  if (type !== "event.upload_status") return visit;
  switch (textIn(payload, "status")) {
    case "uploading":
      return { ...reach(visit, 2), hitch: undefined };
    case "success":
      return reach(visit, 3);
    case "retry_scheduled":
      return { ...visit, hitch: `Upload failed: ${uploadFailureText(payload)}. It tries again.` };
    case "parked":
      return failVisit(visit, "the upload is put off; the photo is safe on the feeder");
    case "dropped":
      return failVisit(visit, uploadFailureText(payload));
    case "gallery_ack":
      return storeVisit(visit, textIn(payload, "key") ?? "", nowMs);
    default:
      return visit;
  }
}

/** Ends a visit that nobody saw; one that is under way goes on. */
export function giveUpUnseen(visit: VisitProgress): VisitProgress {
  if (visit.done > 0) return visit;
  if (visit.isResting && visit.end === undefined) return { ...visit, end: { name: "unseen" } };
  return failVisit(visit, "the feeder did not report a visit");
}

/** Ends a visit of which nothing more came; one that waits for its next try takes longer than anybody watches. */
export function giveUpUnfinished(visit: VisitProgress): VisitProgress {
  return isWaiting(visit) ? failVisit(visit, "nothing more was heard of it") : visit;
}

/** True while the next step is expected at any moment. */
export function isWaiting({ end, hitch }: VisitProgress): boolean {
  return end === undefined && hitch === undefined;
}

export function failVisit(visit: VisitProgress, reason: string): VisitProgress {
  return visit.end === undefined ? { ...visit, end: { name: "failed", reason } } : visit;
}

function reach(visit: VisitProgress, done: number): VisitProgress {
  return { ...visit, done: Math.max(visit.done, done) };
}

function storeVisit(visit: VisitProgress, key: string, nowMs: number): VisitProgress {
  const end = { name: "stored", key, tookMs: nowMs - visit.startedMs } as const;
  return { ...visit, done: VISIT_STEPS.length, hitch: undefined, end };
}
