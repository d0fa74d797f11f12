import { expect, test } from "vitest";
import {
  BULK,
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  FRAME_TYPE,
  frameSequence,
  wireBytesMax,
  writeFrameStart,
} from "../../device/amb82-bridge/link/frame.ts";
import { encodeFrame } from "../../device/amb82-bridge/link/frame-codec.ts";
import { CameraPort } from "../../host-sim/board/camera-port.ts";
import { quietLine } from "../../host-sim/board/line-noise.ts";
import { PowerCycle } from "../../host-sim/board/power.ts";
import { World } from "../../host-sim/world.ts";

const BAUD = 115_200;
const PAYLOAD_BYTES = 1_000;

/** The feeder's camera wire, with a camera at its other end that says numbered frames of a kilobyte. */
function startPort() {
  const world = new World({ seed: 1, pace: "virtual", startedAtMs: 0 });
  const port = new CameraPort(world, "dev1", quietLine(), () => {});
  const calls = port.calls(new PowerCycle(world, 0));
  const call = (name: string, ...args: (number | Uint8Array)[]) =>
    calls[`camera_wire.${name}`]?.(...args);
  const say = (sequence: number) => {
    const frame = new Uint8Array(FRAME_BYTES_MAX).fill(7);
    writeFrameStart(frame, FRAME_TYPE.data, BULK, sequence, false);
    const wire = new Uint8Array(wireBytesMax(FRAME_BYTES_MAX));
    const wireBytes = encodeFrame(frame, FRAME_HEADER_BYTES + PAYLOAD_BYTES, wire);
    port.toFeeder.send(wire.subarray(0, wireBytes));
  };
  const heard = () => {
    const sequences: number[] = [];
    const into = new Uint8Array(FRAME_BYTES_MAX);
    while (call("receive", into) !== 0) sequences.push(frameSequence(into));
    return sequences;
  };
  return { world, port, call, say, heard };
}

test("a frame is there when its last bit has passed, and not before", async () => {
  const { world, port, call, say, heard } = startPort();
  call("open", 17, 18, BAUD);
  say(1);
  const wholeAtMs = port.toFeeder.idleAtMs;
  await world.run(wholeAtMs - 0.05);
  expect(heard()).toEqual([]);
  await world.run(wholeAtMs);
  expect(heard()).toEqual([1]);
});

test("what came while nobody listened is not read", async () => {
  const { world, call, say, heard } = startPort();
  say(1);
  await world.run(1_000);
  call("open", 17, 18, BAUD);
  say(2);
  await world.run(2_000);
  expect(heard()).toEqual([2]);
  say(3);
  await world.run(3_000);
  call("close");
  call("open", 17, 18, BAUD);
  expect(heard()).toEqual([]);
});

test("a ring that is not read keeps its first 8 KB, and tells of what it lost", async () => {
  const { world, call, say, heard } = startPort();
  call("open", 17, 18, BAUD);
  for (let sequence = 1; sequence <= 8; sequence++) say(sequence);
  await world.run(1_000);
  expect(call("line_errors")).toBe(0);
  for (let sequence = 9; sequence <= 10; sequence++) say(sequence);
  await world.run(2_000);
  expect(call("line_errors")).toBe(1);
  expect(heard()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});
