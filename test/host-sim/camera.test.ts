import { expect, test } from "vitest";
import { Internet } from "../../host-sim/network/internet.ts";
import { CameraBoard } from "../../host-sim/peers/camera.ts";
import { cameraProgram } from "../../host-sim/peers/camera-firmware.ts";
import { World } from "../../host-sim/world.ts";

function cameraIn(world: World): CameraBoard {
  const nobody = {
    request: async () => new Response(),
    connect: () => ({ send() {}, close() {} }),
  };
  return new CameraBoard(world, "dev1", {
    internet: new Internet(world, nobody),
    view: { still: () => new Uint8Array() },
    firmware: cameraProgram,
  });
}

test.each([
  [20, false],
  [80, true],
  [100, true],
])("a pulse of %i ms on the wake pin wakes the camera: %s", async (pulseMs, wakes) => {
  const world = new World({ seed: 1, pace: "virtual", startedAtMs: 0 });
  const camera = cameraIn(world);
  camera.wakePin(1);
  world.after(pulseMs, () => camera.wakePin(0));
  await world.run(1_000);
  expect(camera.awake).toBe(wakes);
});

test("a camera that nobody talks to goes back to sleep", async () => {
  const world = new World({ seed: 1, pace: "virtual", startedAtMs: 0 });
  const camera = cameraIn(world);
  camera.wakePin(1);
  world.after(90, () => camera.wakePin(0));
  await world.run(30_000);
  expect(camera.awake).toBe(true);
  await world.run(70_000);
  expect(camera.awake).toBe(false);
});
