import { expect, test } from "vitest";
import { serialHttp } from "../../../device/esp32/http-lane.ts";
import type { HttpBody, HttpRequest, HttpResult } from "../../../device/esp32/ports.ts";
import { ClipUpload } from "../../../device/esp32/upload/clip-upload.ts";
import { Spool } from "../../../device/esp32/upload/spool.ts";
import { UploadQueue } from "../../../device/esp32/upload/upload-queue.ts";
import { Flash, SECTOR_BYTES } from "../../../host-sim/board/flash.ts";
import { World } from "../../../host-sim/world.ts";
import { withDefaults } from "../../../protocol/device-config.ts";
import type { UploadStatusPayload } from "../../../protocol/room-messages.ts";

const SERVER = { apiBase: "http://server.test", wallClockMs: () => Date.UTC(2026, 5, 1) };
const CLIP = {
  captureId: "boot-1-clip",
  contentType: "video/mp4",
  sizeBytes: 2_500_000,
  sha256: "c".repeat(64),
  takenAtMs: 0,
};
const PRESIGNED = {
  uploadUrl: "http://server.test/fput/token",
  headers: { "Content-Type": "video/mp4", Authorization: "Bearer token" },
  key: "clips/dev1/1-boot-1-clip.mp4",
};
const GRANTED: HttpResult = { kind: "answered", status: 200, body: JSON.stringify(PRESIGNED) };
const REFUSED: HttpResult = { kind: "answered", status: 409, body: "" };
const FAILED: HttpResult = { kind: "failed", reason: "connection" };
const STORED: HttpResult = { kind: "answered", status: 200, body: "{}" };

/** A feeder's uploads over a server that answers when the test says so. */
function startUploads() {
  const world = new World({ seed: 1, pace: "virtual", startedAtMs: 0 });
  const time = {
    monotonicMs: () => world.nowMs,
    after: (delayMs: number, elapsed: () => void) => world.after(delayMs, elapsed),
  };
  const asked: { request: HttpRequest; done: (result: HttpResult) => void }[] = [];
  const http = serialHttp({ request: (request, done) => void asked.push({ request, done }) });
  const told: UploadStatusPayload[] = [];
  const tell = (payload: UploadStatusPayload): void => void told.push(payload);
  const clips = new ClipUpload({ time, http }, SERVER, "dev1", tell);
  clips.networkChanged(true);

  function deliverClip(camera: Partial<Parameters<ClipUpload["deliver"]>[1]> = {}): void {
    const carrier = {
      hasIt: () => true,
      canUpload: () => false,
      upload: () => {},
      openBody: () => ({ lengthBytes: CLIP.sizeBytes, read: () => 0, whenReadable: () => {} }),
      ...camera,
    };
    clips.deliver(CLIP, carrier, () => {});
  }

  return {
    world,
    time,
    http,
    told,
    tell,
    deliverClip,
    /** What is asked of the server now. */
    underWay: () =>
      asked.map(({ request }) => `${request.method} ${new URL(request.url).pathname}`),
    answer: (result: HttpResult) => asked.shift()?.done(result),
    newest: () => asked.at(-1)?.request,
  };
}

function textOf(body: HttpBody | undefined): string {
  const bytes = new Uint8Array(body?.lengthBytes ?? 0);
  body?.read(bytes);
  return new TextDecoder().decode(bytes);
}

test("a clip is presigned as one, then sent with the headers that the server gave", () => {
  const { deliverClip, newest, answer, told } = startUploads();
  deliverClip();
  expect(JSON.parse(textOf(newest()?.body))).toEqual({
    deviceId: "dev1",
    kind: "clips",
    contentType: "video/mp4",
    size: CLIP.sizeBytes,
    sha256: CLIP.sha256,
    captureId: "boot-1-clip",
    capturedAt: "2026-06-01T00:00:00.000Z",
  });
  answer(GRANTED);
  expect(newest()).toMatchObject({
    method: "PUT",
    url: PRESIGNED.uploadUrl,
    headers: Object.entries(PRESIGNED.headers),
    body: { lengthBytes: CLIP.sizeBytes },
  });
  answer(STORED);
  expect(told.at(-1)).toMatchObject({ status: "success", key: PRESIGNED.key });
});

test("the whole of the largest clip fits into its time at 115200 baud", () => {
  const { deliverClip, newest, answer } = startUploads();
  deliverClip();
  answer(GRANTED);
  const bytesPerMs = 115_200 / 10 / 1_000;
  expect(newest()?.timeoutMs).toBeGreaterThan((CLIP.sizeBytes / bytesPerMs) * 1.5);
});

test("a clip that the server refuses is not read from the camera", () => {
  const { deliverClip, answer, told } = startUploads();
  deliverClip({
    openBody: () => {
      throw new Error("opened");
    },
  });
  answer(REFUSED);
  expect(told.at(-1)).toMatchObject({ reason: "presign_refused", httpStatus: 409 });
});

test("a camera with Wi-Fi of its own is told where to, and leaves the turn to others", () => {
  const { deliverClip, underWay, answer } = startUploads();
  const asked: unknown[] = [];
  deliverClip({
    canUpload: () => true,
    upload: (url, headers) => void asked.push({ url, headers }),
  });
  answer(GRANTED);
  expect(asked).toEqual([{ url: PRESIGNED.uploadUrl, headers: PRESIGNED.headers }]);
  deliverClip();
  expect(underWay()).toEqual(["POST /v1/presign/put"]);
});

/** A clip on its way to the server, and a still that comes into the spool meanwhile. */
function startClipBeforeStill() {
  const uploads = startUploads();
  const { time, http, tell, told } = uploads;
  const flash = new Flash(24 * SECTOR_BYTES);
  const partition = {
    sizeBytes: 24 * SECTOR_BYTES,
    sectorBytes: SECTOR_BYTES,
    read: (offset: number, into: Uint8Array) => flash.read(offset, into),
    program: (offset: number, bytes: Uint8Array) => flash.program(offset, bytes),
    eraseSector: (sector: number) => flash.eraseSector(sector),
  };
  const spool = new Spool(partition);
  const identity = { deviceId: "dev1", bootId: "boot", config: withDefaults({}) };
  const queue = new UploadQueue({ time, http }, spool, SERVER, identity, tell);
  queue.networkChanged(true);
  uploads.deliverClip();
  uploads.answer(GRANTED);

  function takeStill(captureId: string): void {
    const facts = { captureId, contentType: "image/jpeg", sha256: "d".repeat(64) };
    spool.begin({ ...facts, sizeBytes: 1_000, takenAtMs: 0, bootId: "boot" });
    spool.write(new Uint8Array(1_000));
    spool.commit();
    queue.takeNew();
  }

  function stagesOfStill(): string[] {
    return told.filter(({ captureId }) => captureId === "boot-2").map(({ status }) => status);
  }

  takeStill("boot-2");
  return { ...uploads, partition, queue, takeStill, stagesOfStill };
}

test("a still that waits for a clip spends no attempt, not even over a power cut, and is sent after it", () => {
  const { underWay, answer, partition, stagesOfStill } = startClipBeforeStill();
  expect(underWay()).toEqual(["PUT /fput/token"]);
  expect(stagesOfStill()).toEqual(["queued"]);
  expect(new Spool(partition).items.map(({ attempts }) => attempts)).toEqual([0]);
  answer(STORED);
  expect(underWay()).toEqual(["POST /v1/presign/put"]);
  answer(GRANTED);
  answer(STORED);
  expect(stagesOfStill()).toEqual(["queued", "uploading", "success"]);
});

test("a still whose turn comes without a network waits for the network", () => {
  const { underWay, answer, queue, stagesOfStill } = startClipBeforeStill();
  queue.networkChanged(false);
  answer(FAILED);
  expect(underWay()).toEqual([]);
  expect(stagesOfStill()).toEqual(["queued"]);
  queue.networkChanged(true);
  expect(underWay()).toEqual(["POST /v1/presign/put"]);
});

test("a still given up while it waited for its turn leaves the turn to others", () => {
  const { deliverClip, underWay, answer, queue, stagesOfStill } = startClipBeforeStill();
  expect(queue.makeRoom(95_000)).toBe(true);
  deliverClip();
  answer(STORED);
  expect(stagesOfStill()).toEqual(["queued", "dropped"]);
  expect(underWay()).toEqual(["POST /v1/presign/put"]);
});

test("when the still that asked for a turn is given up, the retry of another is still kept", async () => {
  const { deliverClip, answer, world, queue, takeStill, told } = startClipBeforeStill();
  answer(STORED);
  answer(FAILED);
  await world.run(30_000);
  takeStill("boot-3");
  answer(FAILED);
  deliverClip({ canUpload: () => true });
  await world.run(70_000);
  queue.makeRoom(91_000);
  expect(told.at(-1)).toMatchObject({ captureId: "boot-2", status: "dropped" });
  answer(GRANTED);
  await world.run(90_000);
  expect(told.at(-1)).toMatchObject({ captureId: "boot-3", status: "uploading", attempt: 2 });
});

test("retries count from the turn, however long the clip took", async () => {
  const { answer, world, told } = startClipBeforeStill();
  await world.run(200_000);
  answer(STORED);
  answer(FAILED);
  expect(told.at(-1)).toMatchObject({ status: "retry_scheduled", attempt: 1, next_retry_sec: 60 });
});

test("a clip waits for the still that has its upload URL already, and goes before the next still", () => {
  const { deliverClip, newest, underWay, answer, takeStill } = startClipBeforeStill();
  answer(STORED);
  takeStill("boot-3");
  deliverClip();
  answer(GRANTED);
  expect(underWay()).toEqual(["PUT /fput/token"]);
  answer(STORED);
  expect(underWay()).toEqual(["POST /v1/presign/put"]);
  expect(textOf(newest()?.body)).toContain('"clips"');
});
