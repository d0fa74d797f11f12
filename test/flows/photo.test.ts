import { expect, test } from "vitest";
import { MINUTE_MS, stagesByCapture, startSystem } from "./system.ts";

test("a bird's visit becomes a photo in the gallery", async () => {
  const system = await startSystem();
  system.world.after(10_000, () => system.feeder.visit(8_000, 120));
  await system.world.run(MINUTE_MS);

  const { events } = await system.dayIndex();
  expect(events).toHaveLength(1);
  const [entry] = events;
  expect(entry?.sha256).toBe(system.taken[0]);
  const object = await system.ask(`/v1/objects/${entry?.key}`);
  expect(object.headers.get("content-type")).toBe("image/jpeg");
  expect((await object.arrayBuffer()).byteLength).toBe(entry?.bytes);
  expect([...stagesByCapture(system.heard).values()]).toEqual([
    ["queued", "uploading", "success", "gallery_ack"],
  ]);
  expect(system.camera.awake).toBe(false);
});
