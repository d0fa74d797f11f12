import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FRAME_TYPE } from "../../../device/amb82-bridge/link/frame.ts";
import { bulkOf, contentOf, type Damage, pairedEnds, runEnds } from "./paired-ends.ts";

function opened(...args: Parameters<typeof pairedEnds>) {
  const ends = pairedEnds(...args);
  ends.camera.link.open("camera-1");
  ends.feeder.link.open("feeder-1");
  return ends;
}

function patterned(lengthBytes: number): Uint8Array {
  return Uint8Array.from({ length: lengthBytes }, (_, at) => (at * 31 + (at >> 8)) & 0xff);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Damage as listed for the first frames, then none: a wire that heals. */
function healing(list: readonly Damage[]): () => Damage {
  let next = 0;
  return () => list[next++] ?? "none";
}

const damage = fc.array(
  fc.constantFrom<Damage>("none", "none", "none", "drop", "flip", "twice", "noise", "cut"),
  { maxLength: 80 },
);

test("once a damaged wire heals, everything has arrived once and in order", () => {
  fc.assert(
    fc.property(damage, damage, fc.integer({ min: 1, max: 30_000 }), (up, down, size) => {
      const bytes = patterned(size);
      const bulk = bulkOf(bytes);
      const ends = opened(
        { damage: healing(up), events: {} },
        { damage: healing(down), events: bulk.source },
      );
      let nowMs = 0;
      // What is said before both have met is dropped with the meeting; each hello may be damaged.
      while (!(ends.feeder.link.connected && ends.camera.link.connected)) {
        runEnds(ends, nowMs, nowMs + 1_000);
        nowMs += 1_000;
      }
      runEnds(ends, nowMs, nowMs + 1_000);
      const texts = ["a", "b".repeat(1_500), "c"];
      for (const captureId of texts) {
        ends.feeder.link.send("command", { op: "photo", captureId, quality: 5 });
      }
      bulk.start();
      runEnds(ends, nowMs + 1_000, nowMs + 18_000);
      expect(ends.camera.received.slice(-3).map(({ record }) => record.captureId)).toEqual(texts);
      expect(sha256(contentOf(ends.feeder.data))).toBe(sha256(bytes));
      expect(ends.camera.link.idle && ends.feeder.link.idle).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("both ends agree on the highest common rate", () => {
  const ends = opened({}, { identity: { bauds: [115_200, 230_400, 460_800] } });
  runEnds(ends, 0, 500);
  expect(ends.feeder.link.bitsPerSecond).toBe(460_800);
  expect(ends.camera.link.bitsPerSecond).toBe(460_800);
});

test("a rate that the wire cannot carry is given up for the next lower one, and messages arrive", () => {
  const ends = opened();
  // Whatever is sent at 921600 gets lost.
  const fast = (wire: { bitsPerSecond: number }): Damage =>
    wire.bitsPerSecond === 921_600 ? "flip" : "none";
  const deaf = pairedEnds(
    { damage: () => fast(deaf.feeder.wire) },
    { damage: () => fast(deaf.camera.wire) },
  );
  deaf.camera.link.open("camera-1");
  deaf.feeder.link.open("feeder-1");
  runEnds(deaf, 0, 2_000);
  deaf.feeder.link.send("command", { op: "status" });
  runEnds(deaf, 2_000, 2_500);
  expect(deaf.feeder.link.bitsPerSecond).toBe(460_800);
  expect(deaf.camera.received).toEqual([{ type: "command", record: { op: "status" } }]);
  expect(ends.feeder.link.bitsPerSecond).toBe(115_200);
});

test("a rate that stops working later is left within a second by both ends", () => {
  let broken = false;
  const ends = pairedEnds(
    { damage: () => (broken && ends.feeder.wire.bitsPerSecond > 115_200 ? "drop" : "none") },
    { damage: () => (broken && ends.camera.wire.bitsPerSecond > 115_200 ? "flip" : "none") },
  );
  ends.camera.link.open("camera-1");
  ends.feeder.link.open("feeder-1");
  runEnds(ends, 0, 500);
  expect(ends.feeder.link.bitsPerSecond).toBe(921_600);
  broken = true;
  ends.feeder.link.send("command", { op: "status" });
  ends.camera.link.send("result", { op: "status", ok: true });
  runEnds(ends, 500, 4_000);
  expect(ends.camera.received).toHaveLength(1);
  expect(ends.feeder.received).toHaveLength(1);
});

test("a glitch on a quiet line does not cost the rate", () => {
  const ends = opened();
  runEnds(ends, 0, 500);
  ends.camera.wire.hear(Uint8Array.of(0, 1, 2, 0));
  runEnds(ends, 500, 3_000);
  expect(ends.camera.link.bitsPerSecond).toBe(921_600);
  // Noise again, as of an end that speaks at another rate.
  ends.camera.wire.hear(Uint8Array.of(0, 1, 2, 0));
  runEnds(ends, 3_000, 3_100);
  expect(ends.camera.link.bitsPerSecond).toBe(115_200);
});

test("a lost bulk frame is sent again as soon as a later one is acknowledged", () => {
  const bytes = patterned(40_000);
  const bulk = bulkOf(bytes);
  let frames = 0;
  const ends = opened(
    {},
    {
      events: bulk.source,
      damage: () => (ends.camera.link.bitsPerSecond > 115_200 && ++frames === 10 ? "drop" : "none"),
    },
  );
  runEnds(ends, 0, 500);
  bulk.start();
  runEnds(ends, 500, 1_100);
  expect(sha256(contentOf(ends.feeder.data))).toBe(sha256(bytes));
  const data = ends.camera.wire.sentFrames.filter(({ type }) => type === FRAME_TYPE.data);
  expect(data).toHaveLength(Math.ceil(bytes.length / 1018) + 1);
});

test("a receiver of 128 bytes never has more than that on its way", () => {
  const bytes = patterned(4_000);
  const bulk = bulkOf(bytes);
  const ends = opened(
    { identity: { bufferBytes: 128, frameBytesMax: 120 } },
    { events: bulk.source },
  );
  runEnds(ends, 0, 500);
  bulk.start();
  let worst = 0;
  for (let nowMs = 500; nowMs < 4_000; nowMs++) {
    runEnds(ends, nowMs, nowMs + 1);
    worst = Math.max(worst, ...ends.camera.wire.sentFrames.slice(-1).map((f) => f.wireBytes));
  }
  expect(sha256(contentOf(ends.feeder.data))).toBe(sha256(bytes));
  expect(worst).toBeLessThanOrEqual(128);
});

test.each([
  ["frames too small for a byte of data", { frameBytesMax: 20 }],
  ["a buffer too small for a frame", { bufferBytes: 16 }],
])("an end that says hello with %s is not met, and nothing hangs", (_, identity) => {
  const ends = opened({}, { identity });
  runEnds(ends, 0, 1_500);
  expect(ends.feeder.link.connected).toBe(false);
});

test("bulk waits while the receiver has no room, control does not, and bulk goes on with the room", () => {
  const bytes = patterned(20_000);
  const bulk = bulkOf(bytes);
  let roomBytes = 0;
  const ends = opened({ events: { roomBytes: () => roomBytes } }, { events: bulk.source });
  runEnds(ends, 0, 500);
  bulk.start();
  ends.camera.link.send("result", { op: "status", ok: true });
  runEnds(ends, 500, 5_000);
  expect(ends.feeder.data).toEqual([]);
  expect(ends.feeder.received).toHaveLength(1);
  roomBytes = 0xffff;
  runEnds(ends, 5_000, 6_000);
  expect(sha256(contentOf(ends.feeder.data))).toBe(sha256(bytes));
});

test("control overtakes bulk that has not left yet", () => {
  const bytes = patterned(100_000);
  const bulk = bulkOf(bytes);
  const ends = opened({}, { events: bulk.source });
  runEnds(ends, 0, 500);
  bulk.start();
  runEnds(ends, 500, 600);
  ends.camera.link.send("result", { op: "status", ok: true });
  runEnds(ends, 600, 630);
  expect(ends.feeder.received).toHaveLength(1);
  expect(contentOf(ends.feeder.data).length).toBeLessThan(20_000);
});

test("numbers wrap: more than 65,536 bulk frames arrive", () => {
  const bytes = new Uint8Array(70_000 * 10);
  const bulk = bulkOf(bytes);
  const ends = opened(
    { identity: { bufferBytes: 8192, frameBytesMax: 30, bauds: [] } },
    { events: bulk.source },
  );
  ends.camera.wire.bitsPerSecond = 921_600_000;
  ends.feeder.wire.bitsPerSecond = 921_600_000;
  runEnds(ends, 0, 10);
  bulk.start();
  runEnds(ends, 10, 40_000);
  expect(ends.feeder.data).toHaveLength(70_000);
});

test("a hello heard twice does not start the conversation anew; another bootId does", () => {
  const ends = opened({}, { damage: () => "twice" });
  runEnds(ends, 0, 1_500);
  expect(ends.feeder.starts).toBe(1);
  ends.camera.wire.lose();
  ends.camera.link.open("camera-2");
  runEnds(ends, 1_500, 4_000);
  expect(ends.feeder.starts).toBe(2);
  ends.feeder.link.send("command", { op: "status" });
  runEnds(ends, 4_000, 4_300);
  expect(ends.camera.received).toHaveLength(1);
});

test("either end may lose its power at any moment, and the next message arrives", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("feeder", "camera"),
      fc.integer({ min: 0, max: 1_500 }),
      (who, atMs) => {
        const bytes = patterned(60_000);
        const bulk = bulkOf(bytes);
        const ends = opened({}, { events: bulk.source });
        runEnds(ends, 0, Math.min(atMs, 400));
        bulk.start();
        runEnds(ends, 400, Math.max(400, atMs));
        const end = ends[who];
        end.wire.lose();
        end.link.open(`${who}-2`);
        runEnds(ends, atMs, atMs + 8_000);
        ends.feeder.data.length = 0;
        bulk.start();
        ends.feeder.link.send("command", { op: "status" });
        runEnds(ends, atMs + 8_000, atMs + 16_000);
        expect(ends.camera.received.at(-1)?.record).toEqual({ op: "status" });
        expect(sha256(contentOf(ends.feeder.data))).toBe(sha256(bytes));
      },
    ),
    { numRuns: 60 },
  );
});
