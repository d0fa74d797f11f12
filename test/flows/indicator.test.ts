import { expect, test } from "vitest";
import { MINUTE_MS, startSystem } from "./system.ts";

/** Edges of GPIO2 in half an hour with one photo and an outage of the Wi-Fi. */
async function playHalfAnHour() {
  const edges: { readonly atMs: number; readonly isOn: boolean }[] = [];
  let uploadingAtMs = 0;
  const { world, feeder } = await startSystem({
    watchTrace: (line) => {
      const [, atMs, level] = /^(\S+) dev1 gpio2 ([01])$/.exec(line) ?? [];
      if (level !== undefined) edges.push({ atMs: Number(atMs), isOn: level === "1" });
      if (line.includes("http/dev1 PUT ")) uploadingAtMs = world.nowMs;
    },
  });
  world.after(MINUTE_MS, () => feeder.visit(1_000, 120));
  world.after(10 * MINUTE_MS, () => feeder.radio.setInReach(false));
  world.after(20 * MINUTE_MS, () => feeder.radio.setInReach(true));
  await world.run(30 * MINUTE_MS);
  const litAt = (atMs: number) => edges.findLast((edge) => edge.atMs <= atMs)?.isOn ?? false;
  return { edges, litAt, uploadingAtMs };
}

test("the LED says connecting, online and uploading, and then costs nothing", async () => {
  const { edges, litAt, uploadingAtMs } = await playHalfAnHour();
  // Association and lease take 1.8 s behind a boot of 0.35 s: two flashes, then 5 s of light.
  expect(edges.slice(0, 5).map(({ isOn }) => isOn)).toEqual([true, false, true, false, true]);
  expect([litAt(4_000), litAt(30_000)]).toEqual([true, false]);
  expect(uploadingAtMs).toBeGreaterThan(MINUTE_MS);
  expect(litAt(uploadingAtMs + 1)).toBe(true);
  const flashes = edges.filter(({ atMs }) => atMs > 10 * MINUTE_MS && atMs < 13 * MINUTE_MS);
  expect(flashes.length).toBeGreaterThan(100);
  expect(edges.filter(({ atMs }) => atMs > 13 * MINUTE_MS && atMs < 20 * MINUTE_MS)).toEqual([]);
  expect(edges.filter(({ atMs }) => atMs > 22 * MINUTE_MS)).toEqual([]);
});
