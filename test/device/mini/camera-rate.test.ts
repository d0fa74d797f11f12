/** The camera's end of a change of rate. */
import { expect, test } from "vitest";
import { FAST, probe, proved, rateFrame, switched } from "./fast-line.ts";
import { describeCamera } from "./lock-step-camera.ts";
import { endCamerasAfterEach, holdStill, meetCamera } from "./met-camera.ts";
import { encodeWireFrame, TYPE } from "./wire-frame.ts";

describeCamera("the camera's rate", () => {
  endCamerasAfterEach();

  test("stays up when all three probes came", async () => {
    const { line, feeder } = await holdStill();
    await proved(line);
    await line.advance(line.nowMs + 2_000);
    expect(line.bitsPerSecond).toBe(FAST);
    const startMs = line.nowMs;
    await feeder.fetch(1, 20_480);
    expect(line.nowMs - startMs).toBeLessThan(250);
  });

  test("goes back 200 ms after its switch when a probe is missing", async () => {
    const { line } = await meetCamera();
    await switched(line);
    const startMs = line.nowMs;
    await line.say(probe(1));
    await line.say(probe(3));
    await line.say(probe(3));
    await line.advance(startMs + 198);
    expect(line.bitsPerSecond).toBe(FAST);
    await line.advance(startMs + 202);
    expect(line.bitsPerSecond).toBe(115_200);
    await switched(line, 460_800);
  });

  test("acknowledges what came together with a probe", async () => {
    const { line, feeder } = await holdStill();
    await proved(line);
    const done = { type: TYPE.done, sequence: feeder.sequence, ack: feeder.expected };
    const payload = Buffer.from('{"id":1}');
    const both = [encodeWireFrame({ ...done, payload }), encodeWireFrame(probe(2))];
    await line.hear(Buffer.concat(both));
    await line.nextOfType("probe");
    expect((await line.nextOfType("ack")).ack).toBe(feeder.sequence + 1);
  });

  test("leaves no gap between its frames", async () => {
    const { line, feeder } = await holdStill();
    await proved(line);
    line.departures.length = 0;
    await feeder.order("read", { id: 1, fileOffsetBytes: 0 });
    await line.advance(line.nowMs + 90);
    const [, ...data] = line.departures;
    for (const [index, { atMs, bytes }] of data.slice(1, 7).entries()) {
      const gapMs = atMs - (data[index]?.atMs ?? 0);
      expect(gapMs).toBeCloseTo((bytes.length * 10_000) / FAST, 2);
    }
  });

  test("says echo again to a feeder that has not heard it", async () => {
    const { line } = await meetCamera();
    await proved(line);
    await line.say(probe(2));
    expect((await line.nextOfType("probe")).payload[0]).toBe(2);
  });

  test("answers no proposal of a rate it does not list", async () => {
    const { line } = await meetCamera();
    await line.say(rateFrame(1_000_000, 0));
    await line.advance(line.nowMs + 400);
    expect(line.frames.filter(({ type }) => type === TYPE.rate)).toEqual([]);
  });

  test("brings what is in flight to its end first, and begins nothing else", async () => {
    const { line, feeder } = await meetCamera();
    await feeder.order("command", { op: "status" });
    await line.nextOfType("result");
    await line.say(rateFrame(FAST, 0));
    await feeder.order("command", { op: "status" });
    await line.advance(line.nowMs + 100);
    expect(line.frames.filter(({ type }) => type === TYPE.rate)).toEqual([]);
    feeder.expected++;
    await feeder.ackControl();
    await line.nextOfType("rate");
    await line.advance(line.nowMs + 100);
    expect(line.bitsPerSecond).toBe(FAST);
    expect(line.frames.filter(({ type }) => type === TYPE.result)).toEqual([]);
    for (const number of [1, 2, 3]) await line.say(probe(number));
    expect(await feeder.answered("result")).toMatchObject({ op: "status", ok: true });
  });

  test("takes a proposal that nobody repeats as taken back", async () => {
    const { line, feeder } = await meetCamera();
    await feeder.order("command", { op: "status" });
    await line.nextOfType("result");
    await line.say(rateFrame(FAST, 0));
    await line.advance(line.nowMs + 350);
    feeder.expected++;
    await feeder.ackControl();
    await line.advance(line.nowMs + 100);
    expect(line.frames.filter(({ type }) => type === TYPE.rate)).toEqual([]);
  });

  test("goes back when it hears noise only, for half a second", async () => {
    const { line } = await meetCamera();
    await proved(line);
    const startMs = line.nowMs;
    const noise = Buffer.from("\0Boot from flash\0");
    await line.hear(noise);
    await line.advance(startMs + 400);
    await line.hear(noise);
    expect(line.bitsPerSecond).toBe(FAST);
    await line.advance(startMs + 510);
    await line.hear(noise);
    expect(line.bitsPerSecond).toBe(115_200);
  });

  test("says nothing between its accept and its switch", async () => {
    const { line } = await meetCamera();
    await line.say(rateFrame(FAST, 0));
    await line.say({ type: TYPE.ping });
    expect((await line.nextOfType("rate")).bitsPerSecond).toBe(115_200);
    expect((await line.nextOfType("ack")).bitsPerSecond).toBe(FAST);
  });

  test("learns anew how long an answer takes", async () => {
    const { line, feeder } = await meetCamera();
    for (let turn = 0; turn < 8; turn++) {
      await feeder.order("command", { op: "status" });
      await feeder.answered("result");
    }
    await proved(line);
    await feeder.order("command", { op: "status" });
    const first = await line.nextOfType("result");
    const second = await line.nextOfType("result");
    expect(second.atMs - first.atMs).toBeGreaterThan(300);
  });

  test("stays where it is when what it hears between two noises is intact", async () => {
    const { line } = await meetCamera();
    await proved(line);
    await line.hear(Buffer.from("\0x\0"));
    await line.say({ type: TYPE.ping });
    await line.advance(line.nowMs + 600);
    await line.hear(Buffer.from("\0x\0"));
    expect(line.bitsPerSecond).toBe(FAST);
  });

  test("stays where it is after a lone glitch on a quiet line", async () => {
    const { line } = await meetCamera();
    await proved(line);
    await line.hear(Buffer.from("\0x\0"));
    await line.advance(line.nowMs + 5_000);
    expect(line.bitsPerSecond).toBe(FAST);
  });

  test("goes back when it waits half a second for an acknowledgement, and says it again", async () => {
    const { line, feeder } = await meetCamera();
    await proved(line);
    await feeder.order("command", { op: "status" });
    const startMs = line.nowMs;
    await line.advance(startMs + 490);
    expect(line.bitsPerSecond).toBe(FAST);
    await line.advance(startMs + 510);
    expect(line.bitsPerSecond).toBe(115_200);
    line.frames.length = 0;
    expect((await line.nextOfType("result")).bitsPerSecond).toBe(115_200);
  });

  test("is at 115200 when the feeder starts anew, and after its own start", async () => {
    const { line, feeder } = await meetCamera();
    await proved(line);
    await feeder.hello({ bootId: "13-0a1b2c3d-2" });
    expect(line.bitsPerSecond).toBe(115_200);
    await proved(line);
    await line.boot(2);
    expect(line.bitsPerSecond).toBe(115_200);
  });
});
