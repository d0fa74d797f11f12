import { expect, test } from "vitest";
import type { HeartbeatPayload } from "../../protocol/room-messages.ts";
import { HOUR_MS, MINUTE_MS, stagesByCapture, startSystem } from "./system.ts";

test("a full spool gives up the oldest stills, counts and reports them, and keeps the newest", async () => {
  const system = await startSystem();
  const { world, internet, feeder } = system;
  world.after(MINUTE_MS, () => {
    internet.reachability = "refused";
    internet.breakSockets();
  });
  const visits = 20;
  for (let visit = 0; visit < visits; visit++) {
    world.after((2 + visit) * MINUTE_MS, () => feeder.visit(8_000, 120));
  }
  await world.run(HOUR_MS);
  internet.reachability = "up";
  await world.run(3 * HOUR_MS);

  expect(system.taken).toHaveLength(visits);
  const { events } = await system.dayIndex();
  const kept = events.length;
  expect(kept).toBeGreaterThan(10);
  expect(kept).toBeLessThan(visits);
  expect(events.map(({ sha256 }) => sha256)).toEqual(system.taken.slice(visits - kept));
  const ends = [...stagesByCapture(system.heard).values()].map((stages) => stages.at(-1));
  expect(ends.filter((stage) => stage === "gallery_ack")).toHaveLength(kept);
  const heartbeat = system.heard.findLast(({ message }) => message.type === "event.heartbeat");
  const queue: HeartbeatPayload["queue"] = { count: 0, bytes: 0, dropped: visits - kept };
  expect(heartbeat?.message.payload).toMatchObject({ queue });
});

test("a power cut loses no still that was in the spool, nor how often it was tried", async () => {
  const system = await startSystem();
  const { world, internet, feeder } = system;
  world.after(MINUTE_MS, () => {
    internet.reachability = "refused";
    internet.breakSockets();
  });
  world.after(2 * MINUTE_MS, () => feeder.visit(8_000, 120));
  world.after(5 * MINUTE_MS, () => feeder.powerOff());
  world.after(6 * MINUTE_MS, () => feeder.powerOn());
  world.after(7 * MINUTE_MS, () => {
    internet.reachability = "up";
  });
  await world.run(HOUR_MS);
  const { events } = await system.dayIndex();
  expect(events.map(({ sha256 }) => sha256)).toEqual(system.taken);
  const stages = [...stagesByCapture(system.heard).values()].at(-1);
  expect(stages?.slice(-3)).toEqual(["uploading", "success", "gallery_ack"]);
});
