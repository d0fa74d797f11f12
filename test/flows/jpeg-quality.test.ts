import { afterAll, expect, test } from "vitest";
import { bothCameras } from "./both-cameras.ts";
import { MINUTE_MS, startSystem } from "./system.ts";

const QUALITY = 2;
const cameras = bothCameras([QUALITY]);

afterAll(() => {
  for (const camera of cameras) camera.close();
});

test.each(cameras)("of a lower quality, photos of the $name camera are smaller", async (camera) => {
  const system = await startSystem({ cameraFirmware: camera.firmware() });
  const { world, feeder, ask, dayIndex } = system;
  const visit = async () => {
    feeder.visit(2_000, 120);
    await world.run(world.nowMs + MINUTE_MS);
    const photos = (await dayIndex()).events.filter(({ kind }) => kind === "photos");
    return photos.map(({ bytes }) => bytes);
  };
  await world.run(MINUTE_MS);
  await visit();
  const body = JSON.stringify({ jpegQuality: QUALITY });
  expect((await ask("/v1/devices/dev1/config", { method: "PUT", body })).status).toBe(200);
  await world.run(world.nowMs + MINUTE_MS);
  const [usualBytes = 0, smallBytes, ...others] = await visit();
  expect(others).toEqual([]);
  expect(smallBytes).toBeLessThan(0.8 * usualBytes);
});
