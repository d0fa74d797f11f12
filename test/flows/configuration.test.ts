import { expect, test } from "vitest";
import { createUpdateWorld, imageOf } from "../../cli/sim/update-world.ts";
import type { CutPhase } from "../../host-sim/board/flash.ts";
import { randomStream } from "../../host-sim/random.ts";
import type { StagedServer } from "../../host-sim/staged-server.ts";
import type { World } from "../../host-sim/world.ts";
import type { ConfigReport } from "../../protocol/config-messages.ts";
import type { DeviceSettings } from "../../protocol/device-config.ts";
import { MINUTE_MS, startSystem } from "./system.ts";
import { firmware, NEW, OLD, until } from "./updates.ts";

const CONFIG = "/v1/devices/dev1/config";
const SLOW = { kind: "slow", lateMs: 12_000 } as const;
/** With a server that takes 12 s to answer. */
const CUTS_OFF: DeviceSettings = { connectTimeoutSeconds: 10 };

interface Around {
  readonly world: World;
  readonly server: Pick<StagedServer, "ask" | "heard">;
}

async function put({ server }: Around, settings: DeviceSettings): Promise<void> {
  const init = { method: "PUT", body: JSON.stringify(settings) };
  expect(await server.ask(CONFIG, init)).toMatchObject({ status: 200 });
}

async function reported({ server }: Around): Promise<ConfigReport> {
  return (await (await server.ask(CONFIG)).json()).reported;
}

function runOn({ world }: Around, minutes: number): Promise<void> {
  return world.run(world.nowMs + minutes * MINUTE_MS);
}

/** Reports of settings in the room, in order, each once. */
function told({ server }: Around): string[] {
  const reports = server.heard
    .filter(({ message }) => message.type === "event.config")
    .map(({ message }) => message.payload as ConfigReport);
  return reports.map(({ latest, status, reason }) => [latest, status, reason].join(" ").trim());
}

async function startFeeder(options = {}) {
  const system = await startSystem(options);
  await runOn(system, 1);
  return system;
}

test("settings with which the server is not found are taken back, and only newer ones are tried", async () => {
  const system = await startFeeder();
  system.httpFaults.begin(SLOW, 1);
  await put(system, CUTS_OFF);
  await runOn(system, 4);
  expect(told(system).at(-1)).not.toBe("1 rolled_back server_unreachable");
  await runOn(system, 3);
  expect(told(system)).toEqual(["1 trial", "1 rolled_back server_unreachable"]);
  expect(await reported(system)).toMatchObject({
    ...{ status: "rolled_back", version: 0, latest: 1, reason: "server_unreachable" },
  });
  await runOn(system, 10);
  expect(told(system)).toHaveLength(2);
  await put(system, { connectTimeoutSeconds: 20 });
  await runOn(system, 2);
  expect(told(system).slice(2)).toEqual(["2 trial", "2 applied"]);
});

test("a feeder that was away takes the newest settings when it is back", async () => {
  const system = await startFeeder();
  system.feeder.powerOff();
  await put(system, { clipSeconds: 1 });
  await put(system, { clipSeconds: 2 });
  await runOn(system, 5);
  system.feeder.powerOn();
  await runOn(system, 3);
  expect(told(system)).toEqual(["2 trial", "2 applied"]);
});

test("of changes close together the newest is in effect in seconds, each tried for itself", async () => {
  const system = await startFeeder();
  for (let change = 1; change <= 5; change++) await put(system, { clipSeconds: change });
  await runOn(system, 0.25);
  expect(told(system)).toEqual(["1 trial", "1 applied", "5 trial", "5 applied"]);
});

test("whoever floods the room wears no flash out", async () => {
  const system = await startFeeder();
  const { operations } = system.feeder.flash;
  for (let version = 1; version <= 100; version++) {
    const payload = { version, settings: { clipSeconds: 99 } };
    system.server.rooms.publish("dev1", { type: "cmd.config", payload });
  }
  await runOn(system, 1);
  expect(told(system)).toEqual(["1 rejected invalid_settings", "100 rejected invalid_settings"]);
  expect(system.feeder.flash.operations - operations).toBeLessThanOrEqual(4);
});

interface Sweep {
  readonly settings: DeviceSettings;
  readonly isSlow: boolean;
  readonly minutes: number;
  readonly end: string;
}

/** From the command to the end of its trial. */
async function changeSettings({ settings, isSlow, minutes }: Sweep, cut?: [number, CutPhase]) {
  const system = await startFeeder();
  const { feeder, world } = system;
  if (isSlow) system.httpFaults.begin(SLOW, 1);
  const { operations } = feeder.flash;
  const [at, phase] = cut ?? [];
  if (at !== undefined && phase !== undefined) {
    const random = randomStream(at, phase);
    feeder.flash.cutPower({ operation: operations + at, phase, random });
  }
  let cuts = 0;
  feeder.powerCut = () => {
    cuts++;
    world.after(10_000, () => feeder.powerOn());
  };
  await put(system, settings);
  await runOn(system, minutes);
  return { system, cuts, operations: feeder.flash.operations - operations };
}

test.each<Sweep>([
  { settings: { clipSeconds: 0 }, isSlow: false, minutes: 4, end: "applied" },
  { settings: CUTS_OFF, isSlow: true, minutes: 13, end: "rolled_back" },
])(
  "a power cut before, in or after any operation of flash: settings end $end",
  async (sweep) => {
    const { operations } = await changeSettings(sweep);
    expect(operations).toBeGreaterThanOrEqual(2);
    for (let at = 1; at <= operations; at++) {
      for (const phase of ["before", "torn", "after"] as const) {
        const { system, cuts } = await changeSettings(sweep, [at, phase]);
        expect(cuts).toBe(1);
        expect(await reported(system)).toMatchObject({ status: sweep.end, latest: 1 });
      }
    }
  },
  60_000,
);

test("power that goes again and again during a trial ends it", async () => {
  const system = await startFeeder();
  system.httpFaults.begin(SLOW, 1);
  await put(system, CUTS_OFF);
  for (let cut = 0; cut < 4; cut++) {
    await runOn(system, 1);
    system.feeder.powerOff();
    system.feeder.powerOn();
  }
  await runOn(system, 3);
  expect(await reported(system)).toMatchObject({ status: "rolled_back", reason: "restarts" });
});

/** The firmware throws at its first request with new settings. */
const CRASHES = `{
  const { call } = __board;
  let isTrial = false;
  __board.call = (operation, args) => {
    if (operation === "nvs.write" && String(args[2]).startsWith('{"kind":"trial"')) isTrial = true;
    if (operation === "http.request" && isTrial) throw new Error("these settings are too much");
    return call(operation, args);
  };
}`;

test("settings with which the firmware crashes are taken back at the next start", async () => {
  const crashing = await firmware(OLD, { prelude: CRASHES });
  const system = await createUpdateWorld({ seed: 1, firmware: crashing, bugsAreFatal: false });
  system.board.powerOn();
  await runOn(system, 1);
  await put(system, { clipSeconds: 0 });
  await runOn(system, 2);
  expect(told(system).at(-1)).toBe("1 rolled_back crash");
});

test("no settings are tried while an image is on trial, and no image while settings are", async () => {
  const system = await createUpdateWorld({ seed: 1, firmware: await firmware(OLD) });
  const { path, board, publish, stages } = system;
  board.powerOn();
  await publish(imageOf(await firmware(NEW)));
  const isPending = () => stages().at(-1)?.status === "pending";
  path.intercept = ({ url }) => {
    const isGate = isPending() && url.endsWith("/ota/heartbeat");
    return isGate ? new Response(null, { status: 503 }) : undefined;
  };
  expect(await until(system, isPending)).toBe(true);
  await put(system, { clipSeconds: 0 });
  await runOn(system, 2);
  expect({ stage: stages().at(-1)?.status, told: told(system) }).toEqual({
    ...{ stage: "pending", told: [] },
  });
  path.intercept = () => undefined;
  await runOn(system, 4);
  expect(stages().at(-1)?.status).toBe("confirmed");
  expect(told(system)).toEqual(["1 trial", "1 applied"]);

  // Discovery fails from the next settings on.
  path.intercept = ({ url }) =>
    url.includes("/v1/discovery/") ? new Response(null, { status: 503 }) : undefined;
  await publish(imageOf(await firmware("1.2.0")));
  await system.command({ action: "update" });
  await put(system, { clipSeconds: 1 });
  const hasBooted = () => system.log.some((line) => line.includes("1.2.0 boot"));
  await runOn(system, 4);
  expect(hasBooted()).toBe(false);
  path.intercept = () => undefined;
  await runOn(system, 4);
  expect(told(system).slice(2)).toEqual(["2 trial", "2 applied"]);
  expect(hasBooted()).toBe(true);
});

test("in safe mode settings wait", async () => {
  const system = await createUpdateWorld({ seed: 1, firmware: await firmware(OLD) });
  system.board.powerOn();
  await runOn(system, 1);
  await system.command({ action: "safe_mode" });
  await runOn(system, 1);
  await put(system, { clipSeconds: 0 });
  await runOn(system, 2);
  expect(told(system)).toEqual([]);
  await system.command({ action: "restart" });
  await runOn(system, 3);
  expect(told(system)).toEqual(["1 trial", "1 applied"]);
});
