import { expect, test } from "vitest";
import { MINUTE_MS, SECOND_MS } from "../../host-sim/durations.ts";
import { RIGHT, startPortal } from "./portal-world.ts";

test("a feeder keeps its server and the token for it until another server has answered", async () => {
  const elsewhere = { ...RIGHT, server: "http://elsewhere.test" };
  const garden = await startPortal({ isSetUp: true, closedServer: true, typed: [elsewhere] });
  await garden.runFor(MINUTE_MS);
  await garden.stage.approve(garden.feeder.deviceId);
  await garden.runFor(MINUTE_MS);
  const before = [garden.stored("serverUrl"), garden.stored("deviceToken")];
  garden.board.press(5 * SECOND_MS);
  await garden.runFor(10 * SECOND_MS);
  garden.stage.internet.reachability = "refused";
  garden.visitor.begin();
  await garden.runFor(MINUTE_MS);
  expect(garden.visitor.read.at(-1)).toContain("no server answers at this address");
  garden.stage.internet.reachability = "up";
  const leftMs = garden.world.nowMs;
  garden.board.powerOff();
  garden.board.powerOn();
  await garden.runFor(2 * MINUTE_MS);
  expect([garden.stored("serverUrl"), garden.stored("deviceToken")]).toEqual(before);
  expect(garden.onlineAtMs(leftMs)).toBeDefined();
});

test("a feeder leaves its server's settings behind with it when another one has answered", async () => {
  const moved = { ...RIGHT, server: "http://moved.test" };
  const garden = await startPortal({ isSetUp: true, typed: [moved] });
  await garden.runFor(MINUTE_MS);
  await garden.stage.configure(garden.feeder.deviceId, { clipSeconds: 2 });
  await garden.runFor(2 * MINUTE_MS);
  expect(garden.stored("deviceConfig")).toContain("clipSeconds");
  garden.board.press(5 * SECOND_MS);
  await garden.runFor(10 * SECOND_MS);
  garden.visitor.begin();
  await garden.runFor(20 * SECOND_MS);
  expect(garden.stored("deviceConfig") ?? "").not.toContain("clipSeconds");
});
