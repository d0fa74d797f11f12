import { expect, test } from "vitest";
import type { Heard } from "../../host-sim/staged-server.ts";
import type { UploadStatusPayload } from "../../protocol/room-messages.ts";
import { HOUR_MS, MINUTE_MS, stagesByCapture, startSystem } from "./system.ts";

const VISIT_AT_MS = 2 * MINUTE_MS;

/** When the feeder began each upload attempt, by its own time stamps, in minutes after the first. */
function attemptMinutes(heard: readonly Heard[]): number[] {
  const attempts = heard
    .filter(({ message }) => message.type === "event.upload_status")
    .filter(({ message }) => (message.payload as UploadStatusPayload).status === "uploading")
    .map(({ message }) => Number(message.ts));
  // Flash takes its milliseconds: rounded to a hundredth of a minute.
  return attempts.map((ts) => Math.round(((ts - (attempts[0] ?? 0)) / MINUTE_MS) * 100) / 100);
}

test.each(["refused", "silent"] as const)(
  "with the server %s for an hour a photo is tried at 0, 1, 6 and 21 minutes, parked, and stored once",
  async (reachability) => {
    const system = await startSystem();
    const { world, internet, feeder } = system;
    world.after(VISIT_AT_MS - MINUTE_MS, () => {
      internet.reachability = reachability;
      internet.breakSockets();
    });
    world.after(VISIT_AT_MS, () => feeder.visit(8_000, 120));
    await world.run(VISIT_AT_MS + HOUR_MS);
    expect((await system.dayIndex()).events).toEqual([]);

    internet.reachability = "up";
    const upAgainMs = world.nowMs;
    await world.run(VISIT_AT_MS + 2 * HOUR_MS);
    const { events } = await system.dayIndex();
    expect(events.map(({ sha256 }) => sha256)).toEqual(system.taken);
    expect([...stagesByCapture(system.heard).values()]).toEqual([
      [
        "queued",
        ...["uploading", "retry_scheduled"],
        ...["uploading", "retry_scheduled"],
        ...["uploading", "retry_scheduled"],
        ...["uploading", "parked"],
        ...["uploading", "success", "gallery_ack"],
      ],
    ]);
    const minutes = attemptMinutes(system.heard);
    expect(minutes.slice(0, 4)).toEqual([0, 1, 6, 21]);
    const stored = system.heard.find(({ message }) => message.type === "event.photo");
    expect((stored?.atMs ?? 0) - upAgainMs).toBeLessThan(2 * MINUTE_MS);
  },
);

test("a parked photo is tried again every hour while the session stays up", async () => {
  const system = await startSystem();
  await failUploads(system, { failPutRate: 1, untilTs: system.world.startedAtMs + 3 * HOUR_MS });
  system.world.after(VISIT_AT_MS, () => system.feeder.visit(8_000, 120));
  await system.world.run(4 * HOUR_MS);
  expect(attemptMinutes(system.heard)).toEqual([0, 1, 6, 21, 81, 141, 201]);
  expect((await system.dayIndex()).events).toHaveLength(1);
});

test("the first success brings every parked photo along", async () => {
  const system = await startSystem();
  await failUploads(system, { failPutRate: 1, untilTs: system.world.startedAtMs + HOUR_MS });
  system.world.after(VISIT_AT_MS, () => system.feeder.visit(8_000, 120));
  system.world.after(VISIT_AT_MS + MINUTE_MS, () => system.feeder.visit(8_000, 120));
  system.world.after(HOUR_MS + MINUTE_MS, () => system.feeder.visit(8_000, 120));
  await system.world.run(HOUR_MS + 2 * MINUTE_MS);
  const { events } = await system.dayIndex();
  expect(events.map(({ sha256 }) => sha256)).toEqual(system.taken);
  expect(events).toHaveLength(3);
});

test("an hour brings sixty heartbeats over the one session", async () => {
  const system = await startSystem();
  await system.world.run(HOUR_MS);
  const heartbeats = system.heard.filter(({ message }) => message.type === "event.heartbeat");
  expect(heartbeats).toHaveLength(60);
});

test("forty visits while a quarter of all uploads answers 500: every photo is stored once, stages in order", async () => {
  const system = await startSystem();
  const { world, feeder } = system;
  await failUploads(system, { failPutRate: 0.25, untilTs: 4e12 });
  for (let visit = 0; visit < 40; visit++) {
    world.after(HOUR_MS + visit * 34 * MINUTE_MS, () => feeder.visit(8_000, 120));
  }
  await world.run(24 * HOUR_MS - 1);

  const { events } = await system.dayIndex();
  expect(events.map(({ sha256 }) => sha256)).toEqual(system.taken);
  expect(new Set(system.taken).size).toBe(40);
  const stages = [...stagesByCapture(system.heard).values()];
  expect(stages).toHaveLength(40);
  for (const stage of stages) {
    expect(stage.join(" ")).toMatch(
      /^queued (uploading (retry_scheduled|parked) )*uploading success gallery_ack$/,
    );
  }
  expect(stages.some((stage) => stage.includes("retry_scheduled"))).toBe(true);
});

test("a relay that drops for 4 s replays 4 events in order with their original time", async () => {
  const system = await startSystem();
  const { world, internet, feeder } = system;
  const downAtMs = 30_000;
  // The still is in the spool some 3.5 s after the visit, in the middle of the drop.
  world.after(downAtMs - 2_500, () => feeder.visit(8_000, 120));
  world.after(downAtMs, () => {
    internet.reachability = "refused";
    internet.breakSockets();
  });
  world.after(downAtMs + 4_000, () => {
    internet.reachability = "up";
  });
  await world.run(MINUTE_MS - 1);

  const replayed = system.heard.filter(({ atMs, message }) => {
    const happenedMs = Number(message.ts) - world.startedAtMs;
    return happenedMs >= downAtMs && happenedMs < downAtMs + 4_000 && atMs > downAtMs + 4_000;
  });
  expect(replayed.map(({ message }) => nameOf(message))).toEqual([
    "event.capture",
    "queued",
    "uploading",
    "retry_scheduled",
  ]);
  const times = replayed.map(({ message }) => Number(message.ts));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const all = system.heard.map(({ message }) => `${message.bootId}/${message.seq}`);
  const sequenced = all.filter((name) => !name.includes("undefined"));
  expect(new Set(sequenced).size).toBe(sequenced.length);
});

async function failUploads(
  system: Awaited<ReturnType<typeof startSystem>>,
  profile: { failPutRate: number; untilTs: number },
): Promise<void> {
  const body = JSON.stringify({ deviceId: "dev1", httpCode: 500, ...profile });
  const headers = { "content-type": "application/json" };
  expect((await system.ask("/v1/test/faults", { method: "POST", headers, body })).status).toBe(200);
}

function nameOf(message: Record<string, unknown>): string {
  const { status } = message.payload as Partial<UploadStatusPayload>;
  return status ?? String(message.type);
}
