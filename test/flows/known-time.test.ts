import { expect, test } from "vitest";
import { createUpdateWorld, imageOf } from "../../cli/sim/update-world.ts";
import type { FeederBoard } from "../../host-sim/board/board.ts";
import { STARTED_AT_MS } from "../../host-sim/stage.ts";
import { firmware, NEW, OLD, offeredUpdate, runs, until } from "./updates.ts";

const DAY_S = 86_400;
const BUILT_AT_S = STARTED_AT_MS / 1_000 - 40 * DAY_S;
/** Firmware that judges certificates, and so knows what day it is; nobody has one here to be judged. */
const config = { caCertificates: `${BUILT_AT_S}:MIIB` };

/** Until not even an empty value is taken. */
function fill(nvs: FeederBoard["nvs"]): void {
  const isTaken = (name: string, bytes: number) => {
    try {
      nvs.set(`other/${name}`, "x".repeat(bytes));
      return true;
    } catch {
      return false;
    }
  };
  for (const bytes of [3_800, 200, 0]) {
    for (let at = 0; isTaken(`junk${bytes}.${at}`, bytes); ) at++;
  }
}

test("a feeder whose NVS has no room for the day is updated all the same", async () => {
  const [before, next] = [await firmware(OLD, { config }), await firmware(NEW, { config })];
  const system = await offeredUpdate({ bugsAreFatal: false, firmware: before }, imageOf(next));
  system.board.powerOn();
  fill(system.board.nvs);
  expect(await until(system, () => runs(system, NEW))).toBe(true);
  expect(system.log.join("")).toContain("in safe mode: storage_failed");
  expect(system.log.filter((line) => line.includes("error firmware"))).toEqual([]);
});

test("a server whose clock is wrong for a day moves a feeder's idea of the day by a month at most", async () => {
  const system = await createUpdateWorld({ seed: 1, firmware: await firmware(OLD, { config }) });
  const { board, server, world } = system;
  const daysSinceStart = () =>
    (Number(board.nvs.get("skyfeeder/knownTime")) - STARTED_AT_MS / 1_000) / DAY_S;
  const runFor = (days: number) => world.run(world.nowMs + days * DAY_S * 1_000);
  const tenYearsMs = 3_650 * DAY_S * 1_000;
  board.powerOn();
  // Forty days from its build: a month at once, the rest a day later.
  await runFor(1.1);
  expect(daysSinceStart()).toBeCloseTo(1, 1);
  server.stepClock(tenYearsMs);
  await runFor(1);
  server.stepClock(-tenYearsMs);
  await runFor(1);
  expect(daysSinceStart()).toBeCloseTo(31, 1);
}, 30_000);
