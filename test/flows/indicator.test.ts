import { expect, test } from "vitest";
import { WIRING } from "../../host-sim/board/pins.ts";
import { MINUTE_MS, SECOND_MS } from "../../host-sim/durations.ts";
import { startEnrolment } from "./enrolment-world.ts";
import { startSystem } from "./system.ts";

/** Edges of GPIO2 in half an hour with one photo and an outage of the Wi-Fi. */
async function playHalfAnHour() {
  const { world, feeder, board, trace, runFor } = await startEnrolment({ closedServer: false });
  world.after(MINUTE_MS, () => feeder.visit(SECOND_MS));
  world.after(10 * MINUTE_MS, () => board.radio.setInReach(false));
  world.after(20 * MINUTE_MS, () => board.radio.setInReach(true));
  await runFor(30 * MINUTE_MS);
  const edges = trace.flatMap((line) => {
    const [, atMs, level] = /^(\S+) feeder-1 gpio2 (\d+) %$/.exec(line) ?? [];
    return level === undefined ? [] : [{ atMs: Number(atMs), isOn: level === "100" }];
  });
  const put = trace.find((line) => line.includes("http/feeder-1 PUT "));
  const litAt = (atMs: number) => edges.findLast((edge) => edge.atMs <= atMs)?.isOn ?? false;
  return { edges, litAt, uploadingAtMs: Number.parseFloat(put ?? "") };
}

test("the LED says connecting, online and uploading, and then costs nothing", async () => {
  const { edges, litAt, uploadingAtMs } = await playHalfAnHour();
  const between = (fromMs: number, toMs: number) =>
    edges.filter(({ atMs }) => atMs > fromMs && atMs < toMs);
  // Association and lease take 1.8 s behind a boot of 0.35 s: two flashes, then 5 s of light.
  expect(edges.slice(0, 5).map(({ isOn }) => isOn)).toEqual([true, false, true, false, true]);
  expect([litAt(4 * SECOND_MS), litAt(30 * SECOND_MS)]).toEqual([true, false]);
  expect(uploadingAtMs).toBeGreaterThan(MINUTE_MS);
  expect(litAt(uploadingAtMs + 1)).toBe(true);
  expect(between(10 * MINUTE_MS, 13 * MINUTE_MS).length).toBeGreaterThan(100);
  expect(between(13 * MINUTE_MS, 20 * MINUTE_MS)).toEqual([]);
  expect(between(22 * MINUTE_MS, 30 * MINUTE_MS)).toEqual([]);
});

test("an LED set to be dark goes out at once, and still shows safe mode", async () => {
  const { world, feeder, httpFaults, ask } = await startSystem();
  const runFor = (forMs: number) => world.run(world.nowMs + forMs);
  const percent = () => feeder.pins.pwm.percent(WIRING.statusLed);
  await runFor(MINUTE_MS);
  const endStall = httpFaults.begin({ kind: "stall" }, 1);
  feeder.visit(SECOND_MS, 120);
  await runFor(10 * SECOND_MS);
  expect(percent()).toBe(100);
  const body = JSON.stringify({ ledBrightnessPercent: 0 });
  expect((await ask("/v1/devices/dev1/config", { method: "PUT", body })).status).toBe(200);
  await runFor(SECOND_MS);
  expect(percent()).toBe(0);
  endStall();
  await runFor(MINUTE_MS);
  feeder.powerOff();
  feeder.nvs.set("skyfeeder/safeMode", "commanded");
  feeder.powerOn();
  const seen = new Set<number>();
  for (let steps = 0; steps < 200; steps++) {
    await runFor(100);
    seen.add(percent());
  }
  expect(seen).toEqual(new Set([0, 100]));
});
