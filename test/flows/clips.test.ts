import { afterAll, describe, expect, test } from "vitest";
import { HOME_WIFI } from "../../host-sim/network/home-wifi.ts";
import type { Internet } from "../../host-sim/network/internet.ts";
import type { World } from "../../host-sim/world.ts";
import { bothCameras } from "./both-cameras.ts";
import { MINUTE_MS, stagesByCapture, startSystem } from "./system.ts";

const VISIT_AT_MS = MINUTE_MS;
const cameras = bothCameras();

afterAll(() => {
  for (const camera of cameras) camera.close();
});

function clipStages(system: Awaited<ReturnType<typeof startSystem>>): string[] | undefined {
  const [, stages] =
    [...stagesByCapture(system.heard)].find(([captureId]) => captureId.endsWith("-clip")) ?? [];
  return stages;
}

describe.each(cameras)("with the $name camera", (tested) => {
  async function visitWithClip(
    prepare: (system: Awaited<ReturnType<typeof startSystem>>) => void,
    options: Parameters<typeof startSystem>[0] = {},
  ) {
    const system = await startSystem({
      clips: true,
      cameraFirmware: tested.firmware(),
      ...options,
    });
    prepare(system);
    system.world.after(VISIT_AT_MS, () => system.feeder.visit(8_000, 120));
    await system.world.run(VISIT_AT_MS + 3 * MINUTE_MS);
    return system;
  }

  test("a visit is a still at once and a clip of 5 s, and the camera sleeps when both are delivered", async () => {
    const system = await visitWithClip(({ camera }) => {
      camera.credentials = HOME_WIFI;
    });
    expect(await system.stored("photos")).toEqual(system.taken);
    expect(await system.stored("clips")).toEqual(system.recorded);
    expect(system.recorded).toHaveLength(1);
    expect(clipStages(system)).toEqual(["queued", "uploading", "success", "gallery_ack"]);
    expect(system.clipsThroughFeeder()).toBe(0);
    expect(system.camera.awake).toBe(false);
  });

  test("a new camera is given the feeder's network", async () => {
    const homeWifi = { ssid: "Vögel & Co", passphrase: `"\\'{}${"§".repeat(2)}${"x".repeat(54)}` };
    expect(Buffer.byteLength(homeWifi.passphrase)).toBe(63);
    const system = await visitWithClip(() => {}, { homeWifi });
    expect(system.camera.credentials).toEqual(homeWifi);
    expect(await system.stored("clips")).toEqual(system.recorded);
  });

  test("a camera that cannot join with what it has is given what the feeder has", async () => {
    const system = await visitWithClip(({ camera }) => {
      camera.credentials = { ssid: "garden", passphrase: "before-the-new-router" };
    });
    expect(system.camera.credentials).toEqual(HOME_WIFI);
    expect(await system.stored("clips")).toEqual(system.recorded);
  });

  test("credentials that do not work do not replace the camera's own", async () => {
    const own = { ssid: "garden", passphrase: "the-camera-has" };
    const system = await visitWithClip(({ world, camera, internet }) => {
      changePassphrase(world, internet);
      camera.credentials = own;
    });
    expect(system.camera.credentials).toEqual(own);
    expect(await system.stored("clips")).toEqual(system.recorded);
    expect(system.clipsThroughFeeder()).toBe(1);
  });

  test("the feeder loses its power while the camera tries a network: it sleeps when it has tried", async () => {
    const system = await startSystem({ clips: true, cameraFirmware: tested.firmware() });
    const { world, feeder, camera, internet } = system;
    // In vain, for 15 s from 3.5 s after the visit on.
    changePassphrase(world, internet);
    world.after(VISIT_AT_MS, () => feeder.visit(3_000, 120));
    world.after(VISIT_AT_MS + 4_500, () => {
      feeder.powerOff();
      feeder.powerOn();
    });
    await world.run(VISIT_AT_MS + 18_000);
    expect(camera.awake).toBe(true);
    await world.run(VISIT_AT_MS + 20_000);
    expect(camera.awake).toBe(false);
  });

  test.each([
    ["is out of reach of the Wi-Fi", { noWifi: true }],
    ["has its connection closed without an answer: that is no success", { uploadsClosed: true }],
  ])("when the camera %s, the clip goes over the link and is stored once", async (_, faults) => {
    const system = await visitWithClip(({ camera }) => {
      camera.credentials = HOME_WIFI;
      Object.assign(camera.faults, faults);
    });
    expect(await system.stored("clips")).toEqual(system.recorded);
    expect(system.clipsThroughFeeder()).toBe(1);
    expect(clipStages(system)).toEqual([
      ...["queued", "uploading", "retry_scheduled"],
      ...["uploading", "success", "gallery_ack"],
    ]);
  });

  test("a camera that restarts while its clip streams takes the clip with it; what is missing is said", async () => {
    const system = await visitWithClip(({ camera, world }) => {
      world.after(VISIT_AT_MS + 11_200, () => camera.reset());
    });
    expect(clipStages(system)?.at(-1)).toBe("dropped");
    expect(await system.stored("clips")).toEqual([]);
    expect(await system.stored("photos")).toEqual(system.taken);
    expect(system.camera.awake).toBe(false);
  });

  test("a still that is due while a clip streams goes first, and the clip goes on where it was", async () => {
    // 0.8 MB take 9 s at 921600 baud: the clip is on its way when the bird has been there for 15 s.
    const system = await startSystem({
      clips: true,
      clipPictures: 30,
      cameraFirmware: tested.firmware(),
    });
    system.world.after(VISIT_AT_MS, () => system.feeder.visit(17_000, 120));
    await system.world.run(VISIT_AT_MS + 2 * MINUTE_MS);
    expect(system.taken).toHaveLength(2);
    expect((await system.stored("photos")).toSorted()).toEqual(system.taken.toSorted());
    expect(await system.stored("clips")).toEqual(system.recorded);
    const secondStillMs = system.heard.find(
      ({ message }) =>
        message.type === "event.capture" &&
        String((message.payload as { captureId: string }).captureId).endsWith("-2"),
    )?.atMs;
    const clipStoredMs = system.heard.find(
      ({ message }) =>
        message.type === "event.photo" && (message.payload as { kind: string }).kind === "clips",
    )?.atMs;
    expect(secondStillMs).toBeLessThan(clipStoredMs ?? 0);
  });

  test("without a network the clip is given up and the stills are kept", async () => {
    const system = await startSystem({ clips: true, cameraFirmware: tested.firmware() });
    system.world.after(VISIT_AT_MS, () => {
      system.feeder.radio.setInReach(false);
      system.feeder.visit(8_000, 120);
    });
    await system.world.run(VISIT_AT_MS + MINUTE_MS);
    expect(system.camera.awake).toBe(false);
    system.feeder.radio.setInReach(true);
    await system.world.run(VISIT_AT_MS + 30 * MINUTE_MS);
    expect(clipStages(system)).toEqual(["queued", "dropped"]);
    expect(await system.stored("photos")).toEqual(system.taken);
  });
});

test("through a visit of ten stills the camera sleeps whenever it has no work", async () => {
  const system = await startSystem({ clips: true });
  system.camera.credentials = HOME_WIFI;
  system.world.after(VISIT_AT_MS, () => system.feeder.visit(200_000, 120));
  await system.world.run(VISIT_AT_MS + 5 * MINUTE_MS);
  expect(await system.stored("photos")).toEqual(system.taken);
  expect(system.taken).toHaveLength(10);
  const { phases, awakeSeconds } = system.cameraEnergy();
  const idle = phases.find(({ phase }) => phase === "idle")?.seconds ?? 0;
  // Before the clip it is cheaper to wait 2 s than to boot again; and each boot waits to be asked.
  expect(idle).toBeLessThan(6);
  expect(awakeSeconds).toBeLessThan(60);
});

/** When the feeder has joined; the camera joins anew each time. */
function changePassphrase(world: World, internet: Internet): void {
  world.after(VISIT_AT_MS / 2, () => {
    internet.homeWifi = { ssid: "garden", passphrase: "nobody-was-told" };
  });
}
