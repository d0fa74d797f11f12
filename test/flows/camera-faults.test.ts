import { expect, test } from "vitest";
import type { CapturePayload } from "../../protocol/room-messages.ts";
import { type Heard, MINUTE_MS, startSystem } from "./system.ts";

function captures(heard: readonly Heard[]): CapturePayload[] {
  return heard
    .filter(({ message }) => message.type === "event.capture")
    .map(({ message }) => message.payload as CapturePayload);
}

test("with 0.1 % of the bytes on the camera's wires corrupted every still arrives whole", async () => {
  const system = await startSystem();
  const { world, feeder } = system;
  feeder.uartFaults.corruptByteRate = 0.001;
  for (let visit = 0; visit < 10; visit++) {
    world.after((1 + 2 * visit) * MINUTE_MS, () => feeder.visit(8_000, 120));
  }
  await world.run(25 * MINUTE_MS);
  const { events } = await system.dayIndex();
  expect(events.map(({ sha256 }) => sha256)).toEqual(system.taken);
  expect(system.taken).toHaveLength(10);
});

test("a camera that never wakes is reported after three pulses, and the next visit tries again", async () => {
  const system = await startSystem();
  const { world, feeder, camera } = system;
  camera.faults.neverWakes = true;
  world.after(MINUTE_MS, () => feeder.visit(8_000, 120));
  await world.run(3 * MINUTE_MS);
  expect(captures(system.heard)).toMatchObject([
    { ok: false, reason: "camera_unreachable", latency_ms: 45_000 },
  ]);
  expect(wakePulses(system.pulses)).toEqual([90, 90, 90]);

  camera.faults.neverWakes = false;
  world.after(0, () => feeder.visit(8_000, 120));
  await world.run(5 * MINUTE_MS);
  expect((await system.dayIndex()).events).toHaveLength(1);
});

test("a camera that dies half-way through a still leaves nothing behind, and the next still arrives", async () => {
  const system = await startSystem();
  const { world, feeder, camera } = system;
  camera.faults.diesAfterBytes = 9_000;
  world.after(MINUTE_MS, () => feeder.visit(8_000, 120));
  await world.run(2 * MINUTE_MS);
  expect(captures(system.heard)).toMatchObject([{ ok: false, reason: "camera_silent" }]);
  expect((await system.dayIndex()).events).toEqual([]);

  world.after(0, () => feeder.visit(8_000, 120));
  await world.run(3 * MINUTE_MS);
  const { events } = await system.dayIndex();
  expect(events.map(({ sha256 }) => sha256)).toEqual([system.taken[1]]);
});

test("a still that is not what the camera offered is refused, and the next one arrives", async () => {
  const system = await startSystem();
  const { world, feeder, camera } = system;
  camera.faults.flipsBit = true;
  world.after(MINUTE_MS, () => feeder.visit(8_000, 120));
  world.after(2 * MINUTE_MS, () => feeder.visit(8_000, 120));
  await world.run(3 * MINUTE_MS);
  expect(captures(system.heard)).toMatchObject([
    { ok: false, reason: "still_corrupt" },
    { ok: true },
  ]);
  const { events } = await system.dayIndex();
  expect(events.map(({ sha256 }) => sha256)).toEqual([system.taken[1]]);
});

function wakePulses(edges: readonly { atMs: number; level: number }[]): number[] {
  const rises = edges.filter(({ level }) => level === 1);
  const falls = edges.filter(({ level }) => level === 0);
  return rises.map(({ atMs }, index) => (falls[index]?.atMs ?? Number.NaN) - atMs);
}
