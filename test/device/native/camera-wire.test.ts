import { expect, test } from "vitest";
import vectors from "../../../protocol/vectors/link-frames.json" with { type: "json" };
import { cProgram } from "./c-program.ts";

const run = cProgram([
  "device/amb82-bridge/mini/src/frame_codec.c",
  "device/esp32/native/camera_wire.c",
  "test/device/native/camera-wire-driver.c",
  "test/device/native/hex-lines.c",
]);

function vector(name: string) {
  const found = vectors.frames.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no vector "${name}"`);
  return { ...found, bodyHex: found.frameHex.slice(0, -8) };
}

const ack = vector("ack of control");
const done = vector("done");
const hello = vector("hello");
const longest = vector("1024 bytes of ff");

test("every frame that has arrived is received, in order, and then none", () => {
  const arrived = [longest, ack, done, longest];
  expect(
    run([
      "open",
      ...arrived.map(({ wireHex }) => `arrive ${wireHex}`),
      ...Array.from({ length: 5 }, () => "receive"),
      "noise",
    ]),
  ).toEqual(["open 0", ...arrived.map(({ frameHex }) => `frame ${frameHex}`), "frame ", "noise 0"]);
});

test("a frame is received once its last byte is there", () => {
  const { wireHex, frameHex } = done;
  const lines = [`arrive ${wireHex.slice(0, -2)}`, "receive", "arrive 00", "receive"];
  expect(run(["open", ...lines])).toEqual(["open 0", "frame ", `frame ${frameHex}`]);
});

test("a frame longer than its receiver can take is noise, and the next one comes", () => {
  const lines = [`arrive ${done.wireHex}${ack.wireHex}`, "receive_short", "noise"];
  expect(run(["open", ...lines])).toEqual(["open 0", `frame ${ack.frameHex}`, "noise 1"]);
});

test("a frame leaves as the FIFO empties, whichever call comes by", () => {
  const calls = Array.from({ length: 9 }, (_, at) => (at % 2 === 0 ? "receive" : "sent"));
  const output = run([
    "open",
    `send ${longest.bodyHex}`,
    "transmit",
    ...calls.flatMap((call) => [call, "transmit"]),
    "sent",
  ]);
  const wire = output.filter((line) => line.startsWith("wire ")).map((line) => line.slice(5));
  expect(wire.join("")).toBe(longest.wireHex);
  expect(wire.slice(0, 8).map((hex) => hex.length / 2)).toEqual(Array(8).fill(128));
  expect(output.filter((line) => line === "sent 1")).toHaveLength(1);
});

test("the next frame is taken once all of the one before is in the FIFO", () => {
  const wire = ack.wireHex + hello.wireHex + done.wireHex;
  const [full, rest] = [wire.slice(0, 2 * 128), wire.slice(2 * 128)];
  const lines = [ack, hello, done].map(({ bodyHex }) => `send ${bodyHex}`);
  expect(run(["open", ...lines, "transmit", `send ${done.bodyHex}`, "transmit"])).toEqual([
    "open 0",
    "taken 1",
    "taken 1",
    "taken 0",
    `wire ${full}`,
    "taken 1",
    `wire ${rest}`,
  ]);
});

test("the longest frame is taken, one byte more never", () => {
  const output = run(["open", `send ${longest.bodyHex}ff`, `send ${longest.bodyHex}`]);
  expect(output).toEqual(["open 0", "taken 0", "taken 1"]);
});

test("all has been sent when the FIFO is empty, not before", () => {
  const lines = ["sent", `send ${ack.bodyHex}`, "sent", "transmit", "sent"];
  expect(run(["open", ...lines])).toEqual([
    "open 0",
    "sent 1",
    "taken 1",
    "sent 0",
    `wire ${ack.wireHex}`,
    "sent 1",
  ]);
});

test("at another rate half a frame is forgotten, without noise", () => {
  const lines = [`arrive ${done.wireHex.slice(0, 20)}`, "receive", "rate"];
  expect(run(["open", ...lines, `arrive ${ack.wireHex}`, "receive", "noise"])).toEqual([
    "open 0",
    "frame ",
    "rate 0",
    `frame ${ack.frameHex}`,
    "noise 0",
  ]);
});

test.each([
  ["a frame nobody asked for", `${ack.wireHex}${done.wireHex}`],
  ["half a frame", ack.wireHex.slice(0, 20)],
])("opened again it knows nothing of what came and went before: %s", (_, left) => {
  const before = [
    `arrive ${"7f".repeat(9)}00${ack.wireHex}`,
    "receive",
    `arrive ${left}`,
    "receive",
    `send ${hello.bodyHex}`,
    "transmit",
    "noise",
  ];
  const after = [`arrive ${done.wireHex}`, "receive", "receive", "transmit", "noise", "sent"];
  const output = run(["open", ...before, "open", ...after]);
  const reopened = ["open 0", `frame ${done.frameHex}`, "frame ", "wire ", "noise 0", "sent 1"];
  expect(output.slice(-7)).toEqual(["noise 1", ...reopened]);
});
