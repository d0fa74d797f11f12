import { expect, test } from "vitest";
import { CameraLine } from "../../../device/esp32/capture/camera-line.ts";
import { World } from "../../../host-sim/world.ts";

const nothing = (): void => {};

/** A line to a camera that never answers, and every call on its wire. */
function silentLine() {
  const world = new World({ seed: 1, pace: "virtual", startedAtMs: 0 });
  const calls: string[] = [];
  const answer =
    <Value>(name: string, value: Value) =>
    (): Value => {
      calls.push(name);
      return value;
    };
  const cameraWire = {
    open: answer("open", undefined),
    close: answer("close", undefined),
    send: answer("send", true),
    receive: answer("receive", 0),
    sent: answer("sent", true),
    setRate: answer("setRate", undefined),
    noise: answer("noise", 0),
  };
  const time = {
    monotonicMs: () => world.nowMs,
    after: (delayMs: number, run: () => void) => world.after(delayMs, run),
  };
  const work = {
    started: nothing,
    lost: nothing,
    expected: nothing,
    slept: nothing,
    received: nothing,
    data: nothing,
    roomBytes: () => 0,
    isReceiving: () => false,
    tick: nothing,
  };
  const ports = { time, cameraWire, wakeLine: { set: nothing }, cameraSupply: undefined };
  const line = new CameraLine(ports, { firmwareVersion: "1.0.0", bootId: "1-0" }, work);
  return { world, line, calls };
}

test("a line that is closed is not used until it is opened again", async () => {
  const { world, line, calls } = silentLine();
  line.start();
  await world.run(10_000);
  expect(calls).toContain("send");
  expect(calls.at(-1)).toBe("close");
  expect(line.send("command", { op: "status" })).toBe(false);
  await world.run(90_000);
  expect(calls.filter((call) => call === "open")).toHaveLength(2);
  for (const [at, call] of calls.entries()) {
    if (call === "close") expect([undefined, "open"]).toContain(calls[at + 1]);
  }
});
