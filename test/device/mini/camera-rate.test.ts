/** The camera's end of a change of rate. */
import { describe, expect, test } from "vitest";
import type { CameraOnALine } from "./camera-on-a-line.ts";
import { missingCompiler } from "./lock-step-camera.ts";
import { endCamerasAfterEach, holdStill, meetCamera } from "./met-camera.ts";
import { TYPE } from "./wire-frame.ts";

const FAST = 921_600;

function rateFrame(bitsPerSecond: number, step: number) {
  const payload = Buffer.alloc(5, step);
  payload.writeUInt32LE(bitsPerSecond);
  return { type: TYPE.rate, payload };
}

function probe(number: number, echo = 0) {
  return {
    type: TYPE.probe,
    payload: Buffer.from([number, echo, ...Array(15).fill([0x55, 0xaa]).flat()]),
  };
}

/** Proposed, accepted and switched. */
async function switched(line: CameraOnALine, bitsPerSecond = FAST): Promise<void> {
  await line.say(rateFrame(bitsPerSecond, 0));
  const accept = await line.nextOfType("rate");
  expect(accept.payload).toEqual(rateFrame(bitsPerSecond, 1).payload);
  expect(accept.bitsPerSecond).toBe(115_200);
  await line.advance(accept.atMs + 0.1);
  expect(line.bitsPerSecond).toBe(bitsPerSecond);
}

async function proved(line: CameraOnALine): Promise<void> {
  await switched(line);
  for (const number of [1, 2, 3]) {
    await line.say(probe(number));
    const echo = await line.nextOfType("probe");
    expect(echo.payload).toEqual(probe(number, 1).payload);
    expect(echo.bitsPerSecond).toBe(FAST);
  }
}

describe.skipIf(missingCompiler())("the camera's rate (skipped: no C++ compiler)", () => {
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
