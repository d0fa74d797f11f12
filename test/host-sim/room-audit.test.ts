import { expect, test } from "vitest";
import { auditRoom } from "../../host-sim/invariants/room-audit.ts";

const BOOT = "1-aaaa";
const CAPTURE = `${BOOT}-1`;

function event(seq: number, type: string, payload: object, bootId = BOOT) {
  return { atMs: seq, message: { deviceId: "dev1", type: `event.${type}`, bootId, seq, payload } };
}

const visit = (seq: number) => event(seq, "visit", { captureId: CAPTURE, trigger: "pir" });
const captured = (seq: number) => event(seq, "capture", { captureId: CAPTURE, ok: true });
const upload = (seq: number, status: string, attempt = 1, bootId = BOOT) =>
  event(seq, "upload_status", { captureId: CAPTURE, status, attempt }, bootId);
const beat = (seq: number, eventsDropped: number) => event(seq, "heartbeat", { eventsDropped });

const WHOLE = [
  visit(1),
  captured(2),
  upload(3, "queued"),
  upload(4, "uploading"),
  upload(5, "success"),
];

test("a photo from its visit to its success is in order, also when some of it is heard twice", () => {
  expect(auditRoom("dev1", WHOLE)).toBeUndefined();
  expect(auditRoom("dev1", [...WHOLE, ...WHOLE])).toBeUndefined();
});

test.each([0, 1, 2, 3])("event %i of it cannot be missing", (lost) => {
  const rest = WHOLE.filter((_, index) => index !== lost);
  expect(auditRoom("dev1", rest)).toMatch("the event before was lost");
});

test("what the last boot began must end; a restart before may have taken the rest with it", () => {
  expect(auditRoom("dev1", [visit(1)])).toMatch("has no outcome");
  expect(auditRoom("dev1", WHOLE.slice(0, 4))).toMatch("has no end");
  const nextBoot = event(1, "heartbeat", { eventsDropped: 0 }, "2-bbbb");
  expect(auditRoom("dev1", [...WHOLE.slice(0, 4), nextBoot])).toBeUndefined();
});

test("a feeder that says it dropped events may miss some", () => {
  expect(auditRoom("dev1", [...WHOLE.slice(1), beat(9, 1)])).toBeUndefined();
  expect(auditRoom("dev1", [...WHOLE.slice(1), beat(9, 0)])).toMatch("lost");
});

test.each([
  ["a number behind a later one", [visit(4), captured(2)], "came behind a later one"],
  ["two outcomes", [visit(1), captured(2), captured(3)], "is told twice"],
  [
    "an attempt that was counted before",
    [...WHOLE.slice(0, 4), upload(5, "retry_scheduled"), upload(1, "uploading", 1, "2-bbbb")],
    "begins attempt 1 a second time",
  ],
  [
    "fewer attempts than before",
    [
      ...WHOLE.slice(0, 4),
      upload(5, "retry_scheduled"),
      upload(6, "uploading", 2),
      upload(1, "uploading", 1, "2-bbbb"),
    ],
    "is at attempt 1 behind attempt 2",
  ],
])("%s is wrong", (_what, heard, why) => {
  expect(auditRoom("dev1", heard)).toMatch(why);
});
