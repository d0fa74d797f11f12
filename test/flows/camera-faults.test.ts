import { expect, test } from "vitest";
import type { Heard } from "../../host-sim/staged-server.ts";
import type { CapturePayload } from "../../protocol/room-messages.ts";
import { MINUTE_MS, startSystem } from "./system.ts";

function captures(heard: readonly Heard[]): CapturePayload[] {
  return heard
    .filter(({ message }) => message.type === "event.capture")
    .map(({ message }) => message.payload as CapturePayload);
}

test("with one bit in 10,000 on the camera's wires flipped every still arrives whole", async () => {
  const system = await startSystem();
  const { world, feeder } = system;
  feeder.uartFaults.bitErrorRate = 1e-4;
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

test("a camera that was never heard is woken: nothing has to come from it first", async () => {
  const system = await startSystem();
  // A feeder that was replaced, with a camera that sleeps: no frame of it was ever seen.
  system.feeder.nvs.delete("skyfeeder/bootCount");
  system.world.after(MINUTE_MS, () => system.feeder.visit(8_000, 120));
  await system.world.run(2 * MINUTE_MS);
  expect(wakePulses(system.pulses)).toEqual([90]);
  expect(await system.stored("photos")).toEqual(system.taken);
});

test.each(["mute", "blind"] as const)(
  "a %s camera is not waited for: the failure is said and it goes back to sleep",
  async (fault) => {
    const system = await startSystem();
    system.camera.faults[fault] = true;
    system.world.after(MINUTE_MS, () => system.feeder.visit(8_000, 120));
    await system.world.run(2 * MINUTE_MS);
    expect(captures(system.heard)).toMatchObject([{ ok: false, reason: "still_failed" }]);
    expect(system.camera.awake).toBe(false);
  },
);

test("a camera that restarts while it exposes is asked again, and the visit has its still", async () => {
  const traced: string[] = [];
  const system = await startSystem({ watchTrace: (line) => traced.push(line) });
  system.world.after(MINUTE_MS, () => system.feeder.visit(3_000, 120));
  // Awake 2.0 to 2.3 s after the pulse, and 0.25 s at the exposure from then on.
  system.world.after(MINUTE_MS + 2_900, () => system.camera.reset());
  await system.world.run(MINUTE_MS + 20_000);
  const wakes = traced.filter((line) => line.endsWith("camera/dev1 wakes"));
  expect(wakes).toHaveLength(2);
  expect(captures(system.heard)).toMatchObject([{ ok: true }]);
  expect(system.taken).toHaveLength(1);
});

test("a camera that hangs in deep sleep comes back with its supply switched off and on", async () => {
  const system = await startSystem({ cameraSupply: true });
  system.camera.faults.neverWakes = true;
  system.world.after(MINUTE_MS, () => system.feeder.visit(8_000, 120));
  await system.world.run(3 * MINUTE_MS);
  expect(captures(system.heard)).toMatchObject([{ ok: true }]);
  expect(await system.stored("photos")).toEqual(system.taken);
});

test("a dead camera costs its pulses once a visit, then only once in an ever longer while", async () => {
  const system = await startSystem({ cameraSupply: true });
  system.camera.faults.neverWakes = true;
  system.camera.faults.dead = true;
  const visits = 30;
  for (let visit = 0; visit < visits; visit++) {
    system.world.after((1 + 2 * visit) * MINUTE_MS, () => system.feeder.visit(8_000, 120));
  }
  await system.world.run((5 + 2 * visits) * MINUTE_MS);
  const failures = captures(system.heard);
  expect(failures).toHaveLength(visits);
  expect(new Set(failures.map(({ reason }) => reason))).toEqual(new Set(["camera_unreachable"]));
  expect(wakePulses(system.pulses).length).toBeLessThanOrEqual(6 * 3);
});

test("the feeder loses its power while a still arrives: the camera offers it again and nothing is lost", async () => {
  const startedMs = 10_000;
  for (let cutMs = 2_000; cutMs < 3_400; cutMs += 100) {
    const system = await startSystem();
    const { world, feeder } = system;
    world.after(startedMs, () => feeder.visit(3_000, 120));
    world.after(startedMs + 500 + cutMs, () => {
      feeder.powerOff();
      feeder.powerOn();
    });
    await world.run(5 * MINUTE_MS);
    const stored = await system.stored("photos");
    expect(stored.toSorted()).toEqual([...new Set(system.taken)].toSorted());
    expect(system.camera.awake).toBe(false);
  }
});
