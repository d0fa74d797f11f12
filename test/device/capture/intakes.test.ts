import { expect, test } from "vitest";
import type { Offer } from "../../../device/amb82-bridge/link/link-messages.ts";
import type { CarryResult, ClipCarrier } from "../../../device/esp32/capture/clip-delivery.ts";
import { ClipIntake } from "../../../device/esp32/capture/clip-intake.ts";
import { StillIntake } from "../../../device/esp32/capture/still-intake.ts";

/** The link's side of an intake: what the camera is told, as text. */
function recordingLink() {
  const told: string[] = [];
  const clock = { nowMs: 0 };
  const link = {
    nowMs: () => clock.nowMs,
    read: (id: number, fileOffsetBytes: number) => void told.push(`read ${id} ${fileOffsetBytes}`),
    finish: (id: number) => void told.push(`done ${id}`),
    cancel: (id: number) => void told.push(`cancel ${id}`),
    stillsDone: () => {},
    stillsBusy: () => false,
    canUpload: () => true,
    upload: (id: number, url: string) => told.push(`upload ${id} ${url}`) > 0,
  };
  return { told, clock, link };
}

function offer(id: number, captureId = `c${id}`): Offer {
  const sha256 = captureId.padEnd(64, "0");
  return { id, captureId, kind: "still", size: 100, sha256, contentType: "image/jpeg", ageMs: 0 };
}

/** A data payload: object id, offset, bytes. */
function payload(id: number, fileOffsetBytes: number, lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(6 + lengthBytes);
  bytes[0] = id;
  bytes[2] = fileOffsetBytes;
  return bytes;
}

function stillIntake(held: readonly string[] = []) {
  const { told, clock, link } = recordingLink();
  const ends: string[] = [];
  const sink = {
    holds: ({ captureId }: Offer) => held.includes(captureId),
    prepare: () => {},
    begin: () => undefined,
    write: () => {},
    commit: () => undefined,
    abort: () => {},
    stored: () => {},
  };
  const stills = new StillIntake(sink, link, (captureId, failure) => {
    ends.push(`${captureId} ${failure ?? "stored"}`);
  });
  return { stills, told, clock, ends };
}

test("one still is read, twelve wait, and the next is cancelled: the camera must not hold it for ever", () => {
  const { stills, told } = stillIntake();
  for (let id = 1; id <= 14; id++) stills.offered(offer(id));
  expect(told).toEqual(["read 1 0", "cancel 14"]);
});

test("a still that is kept already is not read again", () => {
  const { stills, told, ends } = stillIntake(["c1"]);
  stills.offered(offer(1));
  expect(told).toEqual(["done 1"]);
  expect(ends).toEqual(["c1 stored"]);
});

test("after a new start a still goes on where it was, under its new id; what is not offered again is lost", () => {
  const { stills, told, clock } = stillIntake();
  stills.offered(offer(1));
  stills.offered(offer(2));
  stills.data(payload(1, 0, 40), 0, 46);
  stills.cameraStarted();
  stills.offered(offer(7, "c1"));
  expect(told).toEqual(["read 1 0", "read 7 40"]);
  clock.nowMs = 1_999;
  expect(stills.takeLost(clock.nowMs)).toEqual([]);
  clock.nowMs = 2_000;
  expect(stills.takeLost(clock.nowMs)).toEqual(["c2"]);
});

test("a still whose data does not come for 10 s is given up", () => {
  const { stills, told, ends } = stillIntake();
  stills.offered(offer(1));
  stills.takeLost(9_999);
  expect(ends).toEqual([]);
  stills.takeLost(10_000);
  expect(ends).toEqual(["c1 camera_silent"]);
  expect(told).toEqual(["read 1 0", "cancel 1"]);
});

test("two clips are held for delivery, a third is cancelled, and what a restart lost is said", () => {
  const { link, told, clock } = recordingLink();
  const delivered: string[] = [];
  const lost: string[] = [];
  const clips = new ClipIntake(
    {
      deliver: ({ captureId }) => delivered.push(captureId),
      lost: ({ captureId }) => lost.push(captureId),
    },
    link,
  );
  expect([1, 2, 3].map((id) => clips.offered(offer(id)))).toEqual([true, true, false]);
  expect(told).toEqual(["cancel 3"]);
  expect(delivered).toEqual(["c1"]);
  clips.cameraStarted();
  clips.offered(offer(5, "c1"));
  clock.nowMs = 2_000;
  clips.tick(clock.nowMs);
  expect(lost).toEqual(["c2"]);
  expect(clips.hasIt("c1")).toBe(true);
});

test("a clip that the camera withdraws, or that is delivered, wants nothing of the link any more", () => {
  const { link, told } = recordingLink();
  const carried: { carrier: ClipCarrier; done: () => void }[] = [];
  const deliver = (_: unknown, carrier: ClipCarrier, done: () => void) =>
    void carried.push({ carrier, done });
  const clips = new ClipIntake({ deliver, lost: () => {} }, link);
  clips.offered(offer(1));
  const body = carried[0]?.carrier.openBody();
  expect([clips.streaming, clips.roomBytes]).toEqual([true, 8_192]);
  clips.withdrawn(1);
  expect([clips.streaming, clips.roomBytes]).toEqual([false, 0]);
  expect(body?.read(new Uint8Array(1))).toBeUndefined();

  clips.offered(offer(2));
  carried[1]?.carrier.openBody();
  carried[1]?.done();
  expect([clips.streaming, clips.roomBytes]).toEqual([false, 0]);
  expect(told).toEqual(["read 1 0", "read 2 0", "done 2"]);
});

test("a camera's own upload that never ends is a failure after a minute", () => {
  const { link, clock } = recordingLink();
  const results: CarryResult[] = [];
  const upload = (carrier: ClipCarrier) =>
    carrier.upload("http://server.test/x", {}, (result) => results.push(result));
  const clips = new ClipIntake({ deliver: (_, carrier) => upload(carrier), lost: () => {} }, link);
  clips.offered(offer(1));
  clips.tick(59_999);
  expect(results).toEqual([]);
  clock.nowMs = 60_000;
  clips.tick(clock.nowMs);
  expect(results).toEqual([{ kind: "failed", reason: "timeout" }]);
});
