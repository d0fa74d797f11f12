/** The camera's data on a line that loses, starves and stays silent. */
import { expect, test } from "vitest";
import type { SentFrame } from "./camera-on-a-line.ts";
import { proved } from "./fast-line.ts";
import { describeCamera } from "./lock-step-camera.ts";
import { endCamerasAfterEach, holdStill, meetCamera } from "./met-camera.ts";
import { STILLS } from "./pictures-folder.ts";
import { TYPE } from "./wire-frame.ts";

const [FIRST] = STILLS as readonly [Buffer, Buffer, Buffer];
const FULL_FRAME_COST = 1038 + 4 + 3;

function isData(frame: SentFrame): boolean {
  return frame.type === TYPE.data;
}

describeCamera("the camera's bulk", () => {
  endCamerasAfterEach();

  test("keeps eight frames in flight and the line busy", async () => {
    const { line, feeder } = await holdStill({ hello: { buffer: 65_535 } });
    feeder.credit = 65_535;
    await feeder.order("read", { id: 1, fileOffsetBytes: 0 });
    await line.advance(line.nowMs + 1_200);
    const sent = line.frames.filter(isData);
    const sequences = new Set(sent.map(({ sequence }) => sequence));
    expect([...sequences].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const gapsMs = sent.slice(1, 8).map(({ atMs }, index) => atMs - (sent[index]?.atMs ?? 0));
    const frameMs = (FULL_FRAME_COST * 10_000) / 115_200;
    for (const gapMs of gapsMs) expect(Math.abs(gapMs - frameMs)).toBeLessThan(0.5);
  });

  test("sends a lost frame again as soon as a later one is known to be there", async () => {
    const { line, feeder } = await holdStill();
    await proved(line);
    await feeder.order("read", { id: 1, fileOffsetBytes: 0 });
    await line.nextOfType("data");
    feeder.keep(await line.nextOfType("data"));
    await feeder.ackBulk();
    await line.advance(line.nowMs + 25);
    // Frame 2 was leaving already; a time-out would have been four frames later.
    expect(line.frames.map(({ sequence }) => sequence).slice(0, 3)).toEqual([2, 0, 3]);
  });

  test("waits twice as long after each time-out, a second at most", async () => {
    const { line, feeder } = await meetCamera();
    await feeder.order("command", { op: "status" });
    await line.advance(line.nowMs + 4_500);
    const sentMs = line.frames.filter(({ type }) => type === TYPE.result).map(({ atMs }) => atMs);
    const waitsMs = sentMs.slice(1).map((atMs, index) => atMs - (sentMs[index] ?? 0));
    const frameMs = 8;
    expect(waitsMs.map((waitMs) => Math.round((waitMs - frameMs) / 50) * 50)).toEqual([
      300, 600, 1_000, 1_000, 1_000,
    ]);
  });

  test("learns how long an answer takes, and waits no less than 50 ms", async () => {
    const { line, feeder } = await holdStill();
    for (let turn = 0; turn < 8; turn++) {
      await feeder.order("command", { op: "status" });
      await feeder.answered("result");
    }
    await feeder.order("command", { op: "status" });
    const first = await line.nextOfType("result");
    const second = await line.nextOfType("result");
    expect(second.atMs - first.atMs).toBeGreaterThan(50);
    expect(second.atMs - first.atMs).toBeLessThan(75);
  });

  test("sends no more than its credit allows", async () => {
    const { line, feeder } = await holdStill();
    feeder.credit = 2 * FULL_FRAME_COST;
    await feeder.order("read", { id: 1, fileOffsetBytes: 0 });
    await line.advance(line.nowMs + 280);
    const sent = line.frames.filter(isData).map(({ sequence }) => sequence);
    expect(sent).toEqual([0, 1]);
  });

  test("asks once a time-out while it has no credit, and goes on when it has some", async () => {
    const { line, feeder } = await holdStill();
    feeder.credit = FULL_FRAME_COST - 1;
    await feeder.order("read", { id: 1, fileOffsetBytes: 0 });
    await line.advance(line.nowMs + 1_000);
    const pings = line.frames.filter(({ type }) => type === TYPE.ping);
    expect(line.frames.filter(isData)).toHaveLength(0);
    expect(pings).toHaveLength(3);
    expect(pings.every(({ channel, sequence }) => channel === 1 && sequence === 0)).toBe(true);
    feeder.credit = FULL_FRAME_COST;
    await feeder.ackBulk();
    expect((await line.nextOfType("data")).sequence).toBe(0);
  });

  test("keeps both channels together within the feeder's buffer", async () => {
    const { line, feeder } = await holdStill({ hello: { buffer: FULL_FRAME_COST + 50 } });
    await feeder.order("read", { id: 1, fileOffsetBytes: 0 });
    feeder.keep(await line.nextOfType("data"));
    await feeder.order("command", { op: "status" });
    await line.advance(line.nowMs + 200);
    expect(line.frames.filter(({ type }) => type === TYPE.result)).toHaveLength(0);
    line.frames.length = 0;
    await feeder.ackBulk();
    await line.nextOfType("result");
    await line.advance(line.nowMs + 400);
    expect(line.frames.filter(isData)).toHaveLength(0);
    feeder.expected++;
    await feeder.ackControl();
    expect((await line.nextOfType("data")).sequence).toBe(1);
  });

  test("makes its frames no larger than the feeder's whole buffer", async () => {
    const { line, feeder } = await holdStill({ hello: { buffer: 600 } });
    expect(await feeder.fetch(1, FIRST.length)).toEqual(FIRST);
    const lengths = line.departures.map(({ bytes }) => bytes.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(600);
    expect(Math.max(...lengths)).toBeGreaterThan(590);
  });

  test("takes a late answer for what it is, not for that of the frame it sends again", async () => {
    const { line, feeder } = await holdStill();
    feeder.credit = 2 * FULL_FRAME_COST;
    await feeder.order("read", { id: 1, fileOffsetBytes: 0 });
    await line.nextOfType("data");
    await line.nextOfType("data");
    while (line.frames.length === 0) await line.advance(line.nowMs + 1);
    await line.say({ type: TYPE.ack, channel: 1, ack: 1, credit: feeder.credit });
    await line.advance(line.nowMs + 200);
    expect(line.frames.map(({ sequence }) => sequence)).toEqual([0, 2]);
  });

  test("puts control ahead of the bulk that waits", async () => {
    const { line, feeder } = await holdStill();
    await feeder.order("read", { id: 1, fileOffsetBytes: 0 });
    await line.nextOfType("data");
    await line.advance(line.nowMs + 60);
    await feeder.order("command", { op: "status" });
    const askedMs = line.nowMs;
    const result = await line.nextOfType("result");
    // The rest of the frame that is leaving, and the result itself.
    expect(result.atMs - askedMs).toBeLessThan(45);
  });

  test("speaks in pieces to a feeder that takes small frames only", async () => {
    const { line, feeder } = await meetCamera({ hello: { maxFrame: 64 } });
    await feeder.order("command", { op: "photo", captureId: "small" });
    const pieces: Buffer[] = [];
    let more = true;
    while (more) {
      const piece = await line.nextOfType("offer");
      expect(piece.payload.length).toBeLessThanOrEqual(50);
      expect(piece.sequence).toBe(feeder.expected);
      pieces.push(piece.payload);
      more = piece.more;
      feeder.expected++;
      await feeder.ackControl();
    }
    expect(pieces.length).toBeGreaterThan(3);
    const offer = JSON.parse(Buffer.concat(pieces).toString());
    expect(offer).toMatchObject({ captureId: "small", size: FIRST.length });
    expect(await feeder.fetch(1, FIRST.length)).toEqual(FIRST);
  });

  test("a read takes the place of the one before", async () => {
    const { line, feeder } = await holdStill();
    await feeder.order("read", { id: 1, fileOffsetBytes: 0 });
    feeder.keep(await line.nextOfType("data"));
    await feeder.ackBulk();
    expect(await feeder.fetch(1, FIRST.length, 20_000)).toEqual(FIRST.subarray(20_000));
  });

  test("what was lost of an object that has ended comes as nothing", async () => {
    const { line, feeder } = await holdStill();
    await feeder.order("read", { id: 1, fileOffsetBytes: 0 });
    await line.nextOfType("data");
    await feeder.order("done", { id: 1 });
    line.frames.length = 0;
    const again = await line.next((frame) => isData(frame) && frame.sequence === 0);
    expect(again.payload).toHaveLength(0);
  });
});
