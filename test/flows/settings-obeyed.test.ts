import { expect, test } from "vitest";
import { createUpdateWorld, imageOf } from "../../cli/sim/update-world.ts";
import { WIRING } from "../../host-sim/board/pins.ts";
import type { DeviceSettings, SettingName } from "../../protocol/device-config.ts";
import type { UploadStatusPayload } from "../../protocol/room-messages.ts";
import { MINUTE_MS, startSystem } from "./system.ts";
import { firmware, NEW, OLD } from "./updates.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 60 * MINUTE_MS;
const GREAT_TIT_GRAMS = 120;

type System = Awaited<ReturnType<typeof startSystem>> & {
  /** Requests for updates so far. */
  readonly checks: () => number;
};

type Ask = (path: string, init?: RequestInit) => Promise<Response>;

/** An operator sets them, and the feeder says that it obeys. */
async function configure(ask: Ask, world: System["world"], settings: DeviceSettings) {
  await world.run(world.nowMs + MINUTE_MS);
  const init = { method: "PUT", body: JSON.stringify(settings) };
  expect(await ask("/v1/devices/dev1/config", init)).toMatchObject({ status: 200 });
  await world.run(world.nowMs + MINUTE_MS);
  const { reported } = await (await ask("/v1/devices/dev1/config")).json();
  expect(reported).toMatchObject({ status: "applied", version: 1 });
}

async function startWith(settings: DeviceSettings): Promise<System> {
  let checks = 0;
  const watchTrace = (line: string) => {
    if (/POST \S+\/check-update /.test(line)) checks++;
  };
  const system = await startSystem({ clips: true, watchTrace });
  await configure(system.ask, system.world, settings);
  return { ...system, checks: () => checks };
}

/** What is seen of a feeder; the same feeder with the same birds, whatever its settings. */
type Observe = (system: System) => Promise<unknown>;

function heardSince({ heard }: System, fromMs: number, type: string) {
  return heard.filter(({ atMs, message }) => atMs >= fromMs && message.type === type);
}

function visitsOf(...birds: readonly { afterMs: number; stayMs: number; grams?: number }[]) {
  return async (system: System) => {
    const { world, feeder } = system;
    const fromMs = world.nowMs;
    for (const { afterMs, stayMs, grams = GREAT_TIT_GRAMS } of birds) {
      await world.run(world.nowMs + afterMs);
      feeder.visit(stayMs, grams);
    }
    await world.run(world.nowMs + MINUTE_MS);
    return heardSince(system, fromMs, "event.visit").map(({ message }) => {
      return (message.payload as { trigger: string }).trigger;
    });
  };
}

const mediaOf: Observe = async (system) => {
  system.feeder.visit(50 * SECOND_MS, GREAT_TIT_GRAMS);
  await system.world.run(system.world.nowMs + 3 * MINUTE_MS);
  return `${system.taken.length} stills, ${system.recorded.length} clips`;
};

/** Attempts to upload a photo that the server refuses, in minutes from the first. */
const attemptsOf: Observe = async (system) => {
  const { httpFaults, world, feeder } = system;
  const fromMs = world.nowMs;
  httpFaults.begin({ kind: "status", status: 503 }, 1);
  feeder.visit(2 * SECOND_MS, GREAT_TIT_GRAMS);
  await world.run(fromMs + 85 * MINUTE_MS);
  const attempts = heardSince(system, fromMs, "event.upload_status")
    .filter(({ message }) => {
      const { status, captureId } = message.payload as UploadStatusPayload;
      return status === "uploading" && !captureId.includes("clip");
    })
    .map(({ atMs }) => atMs);
  return attempts.map((atMs) => Math.round((atMs - (attempts[0] ?? 0)) / MINUTE_MS));
};

const beatsOf: Observe = async (system) => {
  const fromMs = system.world.nowMs;
  await system.world.run(fromMs + 5 * MINUTE_MS);
  return heardSince(system, fromMs, "event.heartbeat").length;
};

/** With a server that is slow, the feeder having lost its connection. */
const findsServer: Observe = async (system) => {
  const { world, httpFaults, feeder } = system;
  httpFaults.begin({ kind: "slow", lateMs: 12 * SECOND_MS }, 1);
  feeder.radio.setInReach(false);
  await world.run(world.nowMs + MINUTE_MS);
  feeder.radio.setInReach(true);
  await world.run(world.nowMs + 3 * MINUTE_MS);
  return heardSince(system, world.nowMs - 2 * MINUTE_MS, "event.heartbeat").length > 0;
};

/** Of its LED in a visit, after a change while nobody was there. */
const brightnessOf: Observe = async ({ world, feeder }) => {
  const seen = new Set<number>();
  feeder.visit(2 * SECOND_MS, GREAT_TIT_GRAMS);
  for (const endMs = world.nowMs + MINUTE_MS; world.nowMs < endMs; ) {
    await world.run(world.nowMs + 10);
    seen.add(feeder.pins.pwm.percent(WIRING.statusLed));
  }
  return [...seen];
};

const checksOf: Observe = async (system) => {
  const before = system.checks();
  await system.world.run(system.world.nowMs + HOUR_MS);
  return system.checks() - before > 20;
};

type OfUpdates = "updateChannel" | "updateWindow" | "updateBatteryMv";

interface Shown {
  readonly settings: DeviceSettings;
  readonly observe: Observe;
  readonly usual: unknown;
  readonly seen: unknown;
}

/** mqtt.test.ts has a broker, jpeg-quality.test.ts both cameras. */
type ShownElsewhere = "sessionTransport" | "jpegQuality";

const SHOWN: Readonly<Record<Exclude<SettingName, OfUpdates | ShownElsewhere>, Shown>> = {
  visitWeightGrams: {
    settings: { visitWeightGrams: 130 },
    observe: async (system) => {
      // What the PIR does not see: snow that lies on the perch.
      system.feeder.scale.grams = GREAT_TIT_GRAMS;
      return visitsOf()(system);
    },
    ...{ usual: ["weight"], seen: [] },
  },
  presenceSettleMs: {
    settings: { presenceSettleMs: 4_000 },
    observe: visitsOf({ afterMs: 0, stayMs: 2_000 }),
    ...{ usual: ["pir"], seen: [] },
  },
  visitCoolDownSeconds: {
    settings: { visitCoolDownSeconds: 120 },
    observe: visitsOf({ afterMs: 0, stayMs: 2_000 }, { afterMs: 30_000, stayMs: 2_000 }),
    ...{ usual: ["pir", "pir"], seen: ["pir"] },
  },
  departureSeconds: {
    settings: { departureSeconds: 60 },
    // The plan of a visit goes on until the bird has left.
    observe: async (system) => {
      system.feeder.visit(10 * SECOND_MS, GREAT_TIT_GRAMS);
      await system.world.run(system.world.nowMs + 3 * MINUTE_MS);
      return system.taken.length;
    },
    ...{ usual: 1, seen: 5 },
  },
  stillEverySeconds: {
    settings: { stillEverySeconds: 5 },
    ...{ observe: mediaOf, usual: "4 stills, 1 clips", seen: "10 stills, 1 clips" },
  },
  stillsPerVisit: {
    settings: { stillsPerVisit: 2 },
    ...{ observe: mediaOf, usual: "4 stills, 1 clips", seen: "2 stills, 1 clips" },
  },
  clipSeconds: {
    settings: { clipSeconds: 0 },
    ...{ observe: mediaOf, usual: "4 stills, 1 clips", seen: "4 stills, 0 clips" },
  },
  uploadRetrySeconds: {
    settings: { uploadRetrySeconds: [120, 120] },
    ...{ observe: attemptsOf, usual: [0, 1, 6, 21, 81], seen: [0, 2, 4, 64] },
  },
  parkedRetrySeconds: {
    settings: { parkedRetrySeconds: 1_800 },
    ...{ observe: attemptsOf, usual: [0, 1, 6, 21, 81], seen: [0, 1, 6, 21, 51, 81] },
  },
  heartbeatSeconds: {
    settings: { heartbeatSeconds: 10 },
    ...{ observe: beatsOf, usual: 5, seen: 30 },
  },
  connectTimeoutSeconds: {
    settings: { connectTimeoutSeconds: 10 },
    ...{ observe: findsServer, usual: true, seen: false },
  },
  ledBrightnessPercent: {
    settings: { ledBrightnessPercent: 20 },
    ...{ observe: brightnessOf, usual: [0, 100], seen: [0, 20] },
  },
  updateCheckSeconds: {
    settings: { updateCheckSeconds: 120 },
    ...{ observe: checksOf, usual: false, seen: true },
  },
};

test.each(Object.entries(SHOWN))("%s is obeyed", async (_name, { settings, ...shown }) => {
  const { observe, usual, seen } = shown;
  expect(await observe(await startWith({}))).toEqual(usual);
  expect(await observe(await startWith(settings))).toEqual(seen);
});

const BATTERY_PIN = { "skyfeeder/batteryPin": "35" };
const OF_UPDATES: Readonly<
  Record<OfUpdates, { settings: DeviceSettings; channel: string; usual: string; seen: string }>
> = {
  updateChannel: {
    settings: { updateChannel: "beta" },
    ...{ channel: "beta", usual: OLD, seen: NEW },
  },
  updateWindow: {
    settings: { updateWindow: "03:00-03:30" },
    ...{ channel: "stable", usual: NEW, seen: OLD },
  },
  updateBatteryMv: {
    settings: { updateBatteryMv: 3_800 },
    ...{ channel: "stable", usual: NEW, seen: OLD },
  },
};

test.each(Object.entries(OF_UPDATES))("%s is obeyed", async (_name, shown) => {
  const { settings, channel, usual, seen } = shown;
  for (const [set, runs] of [
    [{}, usual],
    [settings, seen],
  ] as const) {
    const system = await createUpdateWorld({
      ...{ seed: 1, firmware: await firmware(OLD), nvs: BATTERY_PIN },
    });
    const { world, board, server, publish, status } = system;
    board.batteryMillivolts = 3_700;
    board.powerOn();
    await configure(server.ask, world, set);
    await publish(imageOf(await firmware(NEW)), `channel=${channel}&board=feeder`);
    await world.run(world.nowMs + HOUR_MS);
    expect(await status()).toMatchObject({ version: runs });
  }
});
