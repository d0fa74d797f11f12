import { expect, test } from "vitest";
import { MINUTE_MS, SECOND_MS } from "../../host-sim/durations.ts";
import { RIGHT, startPortal } from "./portal-world.ts";

test("a feeder that waits to be let in joins its network again that was away", async () => {
  const garden = await startPortal({ typed: [RIGHT], closedServer: true });
  const { board, stage, visitor, runFor } = garden;
  visitor.begin();
  await runFor(2 * MINUTE_MS);
  expect(board.radio.reaches()).toBe(true);
  board.radio.setInReach(false);
  await runFor(MINUTE_MS);
  board.radio.setInReach(true);
  expect(board.radio.reaches()).toBe(false);
  await runFor(15 * SECOND_MS);
  expect(board.radio.reaches()).toBe(true);
  await stage.approve(garden.feeder.deviceId);
  await runFor(MINUTE_MS);
  expect(garden.onlineAtMs()).toBeDefined();
});
