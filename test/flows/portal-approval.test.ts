import { expect, test } from "vitest";
import { MINUTE_MS, SECOND_MS } from "../../host-sim/durations.ts";
import { RIGHT, startPortal } from "./portal-world.ts";

test("the portal says that its feeder was turned away, and shows another code to who connects again", async () => {
  const typed = [RIGHT, { ...RIGHT, password: "" }];
  const garden = await startPortal({ typed, closedServer: true });
  const { feeder, stage, visitor, runFor } = garden;
  visitor.begin();
  await runFor(2 * MINUTE_MS);
  const first = feeder.claimCode;
  const path = `/v1/enrolments/${first}/deny`;
  expect((await stage.server.ask(path, { method: "POST" })).status).toBe(200);
  await runFor(10 * SECOND_MS);
  expect(visitor.read.at(-1)).toMatch(/^Denied: /);
  await runFor(MINUTE_MS);
  expect(feeder.claimCode).not.toBe(first);
  expect(visitor.read.at(-1)).toBe(feeder.claimCode);
  await stage.approve(feeder.deviceId);
  await runFor(MINUTE_MS);
  expect(garden.onlineAtMs()).toBeDefined();
});

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

test("a server that makes no claim code for now is not asked in a loop, and says so", async () => {
  // Somebody who connects again and again.
  const typed = [RIGHT, ...Array.from({ length: 5 }, () => ({ ...RIGHT, password: "" }))];
  const garden = await startPortal({ typed, closedServer: true });
  const { feeder, log, stage, visitor, runFor } = garden;
  visitor.begin();
  await runFor(8 * SECOND_MS);
  const ask = { method: "POST", headers: { "Content-Type": "application/json" } };
  for (let at = 0, status = 200; status === 200; at++) {
    const body = JSON.stringify({ deviceId: `neighbour${at}` });
    ({ status } = await stage.server.ask("/v1/enrolment", { ...ask, body }));
  }
  await runFor(20 * SECOND_MS);
  expect(log.filter((line) => line.includes("the server: wants_approval"))).toHaveLength(1);
  expect(visitor.read.at(-1)).toContain("takes no new feeder at the moment");
  await runFor(2 * MINUTE_MS);
  expect(visitor.read.at(-1)).toBe(feeder.claimCode);
});
