/** What a feeder's events mean to the person who hung it up. Codes this page does not know are shown as they are. */
import type { CaptureFailure, UploadFailure, UploadStage } from "../protocol/room-messages.ts";
import type { RoomEvent } from "./answers.ts";
import { type Fields, isFields, numberIn, textIn } from "./json-fields.ts";
import { countText, sizeText } from "./size-text.ts";
import { durationText } from "./time-text.ts";

export type EventIcon = "bird" | "camera" | "upload" | "photo" | "pulse" | "link" | "warning";
export type EventTone = "plain" | "good" | "warning";

export interface EventWords {
  readonly icon: EventIcon;
  readonly tone: EventTone;
  readonly text: string;
}

const CAPTURE_FAILURES: Readonly<Record<CaptureFailure, string>> = {
  camera_unreachable: "the camera did not wake up",
  camera_silent: "the camera stopped answering",
  still_failed: "the camera could not take one",
  clip_failed: "the camera made no clip",
  still_corrupt: "it arrived damaged from the camera",
  spool_full: "the feeder's memory is full",
};

const UPLOAD_FAILURES: Readonly<Record<UploadFailure, string>> = {
  timeout: "no answer in time",
  connection: "no connection",
  body_broken: "the camera broke off",
  answer_too_large: "the answer was too large",
  bad_url: "the upload address was wrong",
  presign_refused: "the server refused the request",
  presign_unreadable: "the server's answer could not be read",
  put_refused: "the server refused the photo",
  queue_full: "the queue was full",
};

/** Undefined for what another row says: gallery_ack follows each event.photo, once its upload is reported done. */
export function describeEvent({ type, payload }: RoomEvent): EventWords | undefined {
  switch (type) {
    case "event.visit":
      return { icon: "bird", tone: "plain", text: visitText(payload) };
    case "event.capture":
      return describeCapture(payload);
    case "event.upload_status":
      return describeUpload(payload);
    case "event.photo":
      return undefined;
    case "event.heartbeat":
      return { icon: "pulse", tone: "plain", text: heartbeatText(payload) };
    default:
      return { icon: "pulse", tone: "plain", text: type };
  }
}

function visitText(payload: Fields): string {
  const grams = numberIn(payload, "weight_g");
  return grams === undefined ? "A bird landed" : `A bird landed, ${Math.round(grams)} g`;
}

function describeCapture(payload: Fields): EventWords {
  const took = durationText(numberIn(payload, "latency_ms") ?? 0);
  if (payload.ok === true) {
    const bytes = numberIn(payload, "bytes");
    const size = bytes === undefined ? "" : `, ${sizeText(bytes)}`;
    return {
      icon: "camera",
      tone: "plain",
      text: `${mediumText(payload)} taken${size} after ${took}`,
    };
  }
  const reason = captureFailureText(payload);
  return {
    icon: "warning",
    tone: "warning",
    text: `No ${mediumText(payload).toLowerCase()}: ${reason}`,
  };
}

function mediumText(payload: Fields): string {
  return payload.kind === "clips" ? "Clip" : "Photo";
}

export function captureFailureText(payload: Fields): string {
  return wordFor(CAPTURE_FAILURES, textIn(payload, "reason"));
}

function describeUpload(payload: Fields): EventWords {
  const stage = textIn(payload, "status") ?? "unknown stage";
  const text = isUploadStage(stage) ? UPLOAD_WORDS[stage](payload) : `Upload: ${stage}`;
  if (stage === "gallery_ack") return { icon: "photo", tone: "good", text };
  const isTrouble = stage === "retry_scheduled" || stage === "parked" || stage === "dropped";
  return isTrouble
    ? { icon: "warning", tone: "warning", text }
    : { icon: "upload", tone: "plain", text };
}

const UPLOAD_WORDS: Readonly<Record<UploadStage, (payload: Fields) => string>> = {
  queued: () => "Waiting to upload",
  uploading: (payload) => {
    const attempt = numberIn(payload, "attempt") ?? 1;
    return attempt > 1 ? `Uploading, try ${attempt}` : "Uploading";
  },
  retry_scheduled: (payload) => {
    const seconds = numberIn(payload, "next_retry_sec");
    const next = seconds === undefined ? "" : `, next try in ${durationText(seconds * 1000)}`;
    return `Upload failed: ${uploadFailureText(payload)}${next}`;
  },
  success: (payload) => {
    const took = numberIn(payload, "latency_ms");
    return took === undefined ? "Uploaded" : `Uploaded in ${durationText(took)}`;
  },
  parked: () => "Upload put off; the photo is safe on the feeder",
  dropped: (payload) => `${mediumText(payload)} given up: ${uploadFailureText(payload)}`,
  gallery_ack: () => "In the gallery",
};

export function uploadFailureText(payload: Fields): string {
  const reason = wordFor(UPLOAD_FAILURES, textIn(payload, "reason"));
  const status = numberIn(payload, "httpStatus");
  return status === undefined ? reason : `${reason} (HTTP ${status})`;
}

function heartbeatText(payload: Fields): string {
  const version = textIn(payload, "version");
  const queue = isFields(payload.queue) ? (numberIn(payload.queue, "count") ?? 0) : 0;
  const waiting = queue > 0 ? `, ${countText(queue, "photo")} waiting` : "";
  return `All well${version === undefined ? "" : ` on ${version}`}${waiting}`;
}

function isUploadStage(stage: string): stage is UploadStage {
  return Object.hasOwn(UPLOAD_WORDS, stage);
}

function wordFor(words: Readonly<Record<string, string>>, code: string | undefined): string {
  if (code === undefined) return "no reason given";
  return Object.hasOwn(words, code) ? (words[code] ?? code) : code;
}
