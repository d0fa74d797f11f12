import { expect, test } from "vitest";
import { describeEvent } from "../../dashboard/event-words.ts";

function wordsOf(type: string, payload: Record<string, unknown>): string | undefined {
  const event = { type, payload, deviceId: "garden", ts: 0, eventId: "a-1" };
  const words = describeEvent(event);
  return words && `${words.icon}: ${words.text}`;
}

test.each([
  ["event.visit", { trigger: "pir" }, "bird: A bird landed"],
  ["event.visit", { trigger: "weight", weight_g: 18.4 }, "bird: A bird landed, 18 g"],
  [
    "event.capture",
    { ok: true, bytes: 19_500, latency_ms: 2900 },
    "camera: Photo taken, 20 kB after 2.9 s",
  ],
  ["event.capture", { ok: true, latency_ms: 12_400 }, "camera: Photo taken after 12 s"],
  [
    "event.capture",
    { ok: false, reason: "camera_silent" },
    "warning: No photo: the camera stopped answering",
  ],
  ["event.capture", { ok: false, reason: "eaten" }, "warning: No photo: eaten"],
  ["event.upload_status", { status: "queued" }, "upload: Waiting to upload"],
  ["event.upload_status", { status: "uploading", attempt: 1 }, "upload: Uploading"],
  ["event.upload_status", { status: "uploading", attempt: 3 }, "upload: Uploading, try 3"],
  [
    "event.upload_status",
    { status: "retry_scheduled", reason: "put_refused", httpStatus: 503, next_retry_sec: 300 },
    "warning: Upload failed: the server refused the photo (HTTP 503), next try in 5 min",
  ],
  ["event.upload_status", { status: "success", latency_ms: 420 }, "upload: Uploaded in 0.4 s"],
  [
    "event.upload_status",
    { status: "parked" },
    "warning: Upload put off; the photo is safe on the feeder",
  ],
  [
    "event.upload_status",
    { status: "dropped", reason: "queue_full" },
    "warning: Photo given up: the queue was full",
  ],
  ["event.upload_status", { status: "gallery_ack" }, "photo: In the gallery"],
  ["event.upload_status", { status: "constructor" }, "upload: Upload: constructor"],
  ["event.photo", {}, undefined],
  ["event.heartbeat", { version: "0.2.0", queue: { count: 0 } }, "pulse: All well on 0.2.0"],
  ["event.heartbeat", { queue: { count: 2 } }, "pulse: All well, 2 photos waiting"],
  ["event.soc", {}, "pulse: event.soc"],
])("%s %o is told as: %s", (type, payload, words) => {
  expect(wordsOf(type, payload)).toBe(words);
});
