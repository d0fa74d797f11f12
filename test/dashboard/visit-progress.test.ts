import { expect, test } from "vitest";
import {
  advanceVisit,
  failVisit,
  giveUpUnfinished,
  giveUpUnseen,
  startVisit,
  type VisitProgress,
} from "../../dashboard/visit-progress.ts";

const CLICK_MS = 1000;

type Happening = readonly [type: string, payload: Record<string, unknown>, deviceId?: string];

function follow(...happenings: readonly Happening[]): VisitProgress {
  let visit = startVisit("garden", CLICK_MS, undefined);
  for (const [type, payload, deviceId = "garden"] of happenings) {
    const event = { type, payload, deviceId, ts: 0, eventId: "a-1" };
    visit = advanceVisit(visit, event, CLICK_MS + 4200);
  }
  return visit;
}

const captureId = "v1";
const seen: Happening = ["event.visit", { captureId }];
const taken: Happening = ["event.capture", { captureId, ok: true }];
const upload = (status: string, more = {}): Happening => [
  "event.upload_status",
  { captureId, status, ...more },
];

test.each([
  { happenings: [], done: 0 },
  { happenings: [seen], done: 1 },
  { happenings: [seen, taken], done: 2 },
  { happenings: [seen, taken, upload("queued"), upload("uploading")], done: 2 },
  { happenings: [seen, taken, upload("success")], done: 3 },
])("$done steps are done after $happenings.length happenings", ({ happenings, done }) => {
  expect(follow(...happenings)).toMatchObject({ done, end: undefined });
});

test("the visit ends with its photo in the gallery, timed from the click", () => {
  const visit = follow(seen, taken, upload("success"), upload("gallery_ack", { key: "k" }));
  expect(visit).toMatchObject({ done: 4, end: { name: "stored", key: "k", tookMs: 4200 } });
});

test.each([
  ["another feeder's visit", [["event.visit", { captureId }, "orchard"]], 0],
  ["another visit of this feeder", [seen, ["event.capture", { captureId: "v0", ok: true }]], 1],
  ["a photo from before the visit", [taken, upload("gallery_ack")], 0],
] as const)("%s changes nothing", (_, happenings, done) => {
  expect(follow(...happenings)).toMatchObject({ done, end: undefined });
});

test.each([
  [["event.capture", { captureId, ok: false, reason: "still_failed" }], "could not take one"],
  [upload("parked"), "safe on the feeder"],
  [upload("dropped", { reason: "queue_full" }), "the queue was full"],
] as const)("%o ends it without a photo", (happening, reason) => {
  const { end } = follow(seen, happening, upload("gallery_ack"));
  expect(end).toEqual({ name: "failed", reason: expect.stringContaining(reason) });
});

test("a failed try is told until the next one begins", () => {
  const failed = upload("retry_scheduled", { reason: "timeout" });
  expect(follow(seen, taken, failed).hitch).toBe(
    "Upload failed: no answer in time. It tries again.",
  );
  expect(follow(seen, taken, failed, upload("uploading")).hitch).toBeUndefined();
});

test("a visit of which nothing more comes is given up, one that tries again is not", () => {
  expect(giveUpUnfinished(follow(seen, taken)).end?.name).toBe("failed");
  expect(giveUpUnfinished(follow(seen, upload("retry_scheduled"))).end).toBeUndefined();
});

test("only a visit that nobody saw is given up early", () => {
  expect(giveUpUnseen(follow()).end?.name).toBe("failed");
  expect(giveUpUnseen(follow(seen)).end).toBeUndefined();
});

test.each([
  { sinceMs: 9_999, end: "unseen" },
  { sinceMs: 10_000, end: "failed" },
])("$sinceMs ms after the last visit a visit that nobody saw is $end", ({ sinceMs, end }) => {
  const visit = startVisit("garden", CLICK_MS, CLICK_MS - sinceMs);
  expect(giveUpUnseen(visit).end?.name).toBe(end);
});

test("a refused visit stays refused, even while the feeder rests", () => {
  const refused = failVisit(startVisit("garden", CLICK_MS, CLICK_MS), "no such feeder");
  expect(giveUpUnseen(refused).end?.name).toBe("failed");
});
