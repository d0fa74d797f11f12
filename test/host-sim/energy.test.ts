import { expect, test } from "vitest";
import {
  CAMERA_CURRENTS,
  cameraBudgetMAh,
  FEEDER_CURRENTS,
  type FeederPhase,
} from "../../host-sim/board/currents.ts";
import { EnergyMeter, type EnergyReport } from "../../host-sim/board/energy-meter.ts";
import { operationMs } from "../../host-sim/board/storage-calls.ts";
import type { CameraPhase } from "../../host-sim/peers/camera.ts";
import { startSmall } from "./small-firmware.ts";

function startCamera() {
  const clock = { nowMs: 0 };
  return { clock, meter: new EnergyMeter(CAMERA_CURRENTS, "asleep", clock) };
}

/** A camera that goes through these phases, each so many seconds. */
function live(...phases: readonly (readonly [CameraPhase, number])[]) {
  const { clock, meter } = startCamera();
  for (const [phase, seconds] of phases) {
    meter.enter(phase);
    clock.nowMs += seconds * 1000;
  }
  return meter.report();
}

test("a visit of 21 s costs no more than 1.46 mAh on the budget's reckoning, and each phase its own share", () => {
  const visit = live(
    ["booting", 2],
    ["still", 0.25],
    ["transfer", 0.75],
    ["clip", 5],
    ["join", 6],
    ["upload", 7],
    ["asleep", 3_600],
  );
  expect(visit.awakeSeconds).toBe(21);
  expect(cameraBudgetMAh(visit.awakeSeconds)).toBeCloseTo(1.458, 3);
  expect(visit.awakeMAh).toBeCloseTo((2 * 150 + 6 * 180 + 13 * 250) / 3600, 9);
  expect(visit.mAh).toBeCloseTo(visit.awakeMAh + 0.5, 9);
  expect(visit.phases.map(({ phase }) => phase)).toEqual([
    "booting",
    "still",
    "transfer",
    "clip",
    "join",
    "upload",
    "asleep",
  ]);
});

test("time awake without work is visible on its own", () => {
  const { phases } = live(
    ["booting", 2],
    ["idle", 0.5],
    ["still", 0.25],
    ["idle", 1.5],
    ["asleep", 1],
  );
  expect(phases).toContainEqual({ phase: "idle", seconds: 2, mAh: (2 * 180) / 3600 });
  expect(live(["booting", 2], ["asleep", 1]).phases.map(({ phase }) => phase)).not.toContain(
    "idle",
  );
});

test("holding the camera awake for 90 s costs more than four such visits", () => {
  const hold = live(["idle", 90], ["asleep", 1]);
  expect(cameraBudgetMAh(hold.awakeSeconds)).toBeCloseTo(6.25, 9);
  expect(cameraBudgetMAh(hold.awakeSeconds)).toBeGreaterThan(4 * 1.458);
});

test("the same phase twice is one row, and a report in the middle of a phase changes nothing", () => {
  const { clock, meter } = startCamera();
  clock.nowMs = 1_000;
  meter.enter("idle");
  clock.nowMs = 2_000;
  meter.enter("idle");
  clock.nowMs = 3_000;
  expect(meter.report().awakeSeconds).toBe(2);
  expect(meter.report().awakeSeconds).toBe(2);
  clock.nowMs = 4_000;
  expect(meter.report().phases).toEqual([
    { phase: "asleep", seconds: 1, mAh: 0.5 / 3600 },
    { phase: "idle", seconds: 3, mAh: (3 * 180) / 3600 },
  ]);
});

/** Each stretch that a feeder's meter booked. */
function bookFeeder(live: (clock: { nowMs: number }, meter: EnergyMeter<FeederPhase>) => void) {
  const clock = { nowMs: 0 };
  const meter = new EnergyMeter(FEEDER_CURRENTS, "associated", clock);
  const booked: [FeederPhase, number, number][] = [];
  meter.watch = (phase, fromMs, toMs) => booked.push([phase, fromMs, toMs]);
  live(clock, meter);
  meter.report();
  return booked;
}

test("bursts follow one another within a phase, and no millisecond is booked twice", () => {
  const booked = bookFeeder((clock, meter) => {
    clock.nowMs = 100;
    meter.burst("flash", 45);
    meter.burst("sending", 10);
    meter.burst("sending", 20);
    clock.nowMs = 120;
    meter.enter("alone");
    clock.nowMs = 200;
  });
  expect(booked).toEqual([
    ["associated", 0, 100],
    ["flash", 100, 120],
    ["flash", 120, 145],
    ["sending", 145, 175],
    ["alone", 175, 200],
  ]);
});

test("what a board was at ends with its power", () => {
  const booked = bookFeeder((clock, meter) => {
    meter.burst("flash", 45);
    clock.nowMs = 20;
    meter.breakOff("off");
    clock.nowMs = 100;
  });
  expect(booked).toEqual([
    ["flash", 0, 20],
    ["off", 20, 100],
  ]);
});

const secondsIn = ({ phases }: EnergyReport, wanted: FeederPhase): number =>
  phases.find(({ phase }) => phase === wanted)?.seconds ?? 0;

const SENT_BYTES = 8_000;
const EXCHANGE_AND_ERASE = `
  const spool = flash.open({ path: "spool" });
  spool.eraseBlock(0);
  onceOnline(() => {
    http().request({
      method: "PUT",
      path: "/still",
      headers: new Map([["content-length", "${SENT_BYTES}"]]),
      onWritable() { this.write(new Uint8Array(${SENT_BYTES})); },
      onReadable(count) { this.read(count); },
    });
  });
`;

test("a board books boot, join, flash, bytes on the air, deep sleep and no power, each its own time", async () => {
  const answer = () => new Response(new Uint8Array(120_000));
  const { world, board } = await startSmall(EXCHANGE_AND_ERASE, { answer });
  let stalledMs = 0;
  board.flash.watch((operation) => {
    stalledMs += operationMs(operation);
  });
  await world.run(10_000);
  const running = board.meter.report();
  expect(secondsIn(running, "booting")).toBeCloseTo(0.35, 9);
  expect(secondsIn(running, "flash")).toBeCloseTo(stalledMs / 1000, 9);
  expect(stalledMs).toBeGreaterThanOrEqual(45);
  expect(secondsIn(running, "joining")).toBeCloseTo(1.8, 1);
  expect(secondsIn(running, "receiving")).toBeCloseTo(120_000 / 60_000, 9);
  expect(secondsIn(running, "sending")).toBeCloseTo(SENT_BYTES / 80_000, 9);
  expect(secondsIn(running, "associated")).toBeGreaterThan(5);
  expect(running.awakeSeconds).toBeCloseTo(10, 9);

  board.sleep(60_000);
  await world.run(20_000);
  board.powerOff();
  await world.run(50_000);
  const resting = board.meter.report();
  expect(secondsIn(resting, "asleep")).toBe(10);
  expect(secondsIn(resting, "off")).toBe(30);
  expect(resting.awakeMAh).toBe(running.awakeMAh);
  expect(resting.mAh - resting.awakeMAh).toBeCloseTo((10 * 5) / 3600, 9);
});

test("a board that nothing boots on goes on trying", async () => {
  const { world, board } = await startSmall("", { bugsAreFatal: false });
  board.powerOff();
  for (const sector of [0x20, 0x40]) board.flash.eraseSector(sector);
  board.powerOn();
  await world.run(100_000);
  expect(board.bricked).toBe(true);
  expect(secondsIn(board.meter.report(), "booting")).toBe(100);
});
