import fc from "fast-check";
import { expect, test } from "vitest";
import { startPut } from "./put-board.ts";
import type { PutPlan } from "./put-firmware.ts";

/** Association and DHCP; then the body begins to come, and the request to connect. */
const JOINED_MS = 1_800;
const UPLINK_BYTES_PER_MS = 80;
const SEND_BUFFER_BYTES = 8_192;

const CLIP_BYTES = 200_000;

function comingIn(pieceBytes: number, everyMs: number, sumBytes = CLIP_BYTES): PutPlan {
  const pieces = Math.floor(sumBytes / pieceBytes);
  const whole = Array.from({ length: pieces }, () => ({ afterMs: everyMs, bytes: pieceBytes }));
  const last = { afterMs: everyMs, bytes: sumBytes - pieces * pieceBytes };
  return {
    lengthBytes: CLIP_BYTES,
    arrivals: [...whole, last],
    thenBreaks: false,
    timeoutMs: 60_000,
  };
}

function isIntact(bytes: Uint8Array | undefined): boolean {
  return bytes?.every((byte, at) => byte === at % 251) ?? false;
}

test.each([
  ["camera frames at 921600 baud", comingIn(1_018, 11)],
  ["camera frames at 115200 baud", comingIn(1_018, 90)],
  ["crumbs", comingIn(97, 2)],
  ["gusts of more than the radio's buffer", comingIn(20_001, 900)],
])("a body that comes in %s is sent as it comes", async (_pace, plan) => {
  const { world, received, ended } = await startPut(plan);
  await world.run(60_000);

  const [end] = ended;
  expect(end?.outcome.result).toMatchObject({ kind: "answered", status: 200 });
  expect(received).toHaveLength(1);
  expect(isIntact(received[0])).toBe(true);
  const comingMs = plan.arrivals.reduce((sumMs, { afterMs }) => sumMs + afterMs, 0);
  const slowestMs = JOINED_MS + Math.max(comingMs, CLIP_BYTES / UPLINK_BYTES_PER_MS);
  expect(end?.atMs).toBeGreaterThan(slowestMs);
  expect(end?.atMs).toBeLessThan(slowestMs + 400);
});

test("however a body comes, it is sent whole and once, and asked again only when it called back", async () => {
  const arrival = fc.record({
    afterMs: fc.integer({ min: 0, max: 30 }),
    bytes: fc.integer({ min: 1, max: 2_500 }),
  });
  const arrivals = fc.array(arrival, { minLength: 40, maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(arrivals, async (arrivals) => {
      const lengthBytes = arrivals.reduce((sum, { bytes }) => sum + bytes, 0);
      const plan = { lengthBytes, arrivals, thenBreaks: false, timeoutMs: 60_000 };
      const { world, received, ended } = await startPut(plan);
      await world.run(60_000);
      expect(ended.map(({ outcome }) => outcome)).toMatchObject([
        { result: { kind: "answered" }, idleReads: 0 },
      ]);
      expect(received.map(({ length }) => length)).toEqual([lengthBytes]);
      expect(isIntact(received[0])).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test("a body that is quicker than the radio is read only as the radio sends", async () => {
  const { world, received, ended } = await startPut(comingIn(CLIP_BYTES, 0));
  await world.run(JOINED_MS + (CLIP_BYTES - SEND_BUFFER_BYTES) / UPLINK_BYTES_PER_MS);
  expect(received).toEqual([]);
  await world.run(60_000);
  expect(ended[0]?.outcome.result).toMatchObject({ kind: "answered", status: 200 });
});

test("a body that breaks off ends the exchange at once, and the server keeps nothing of it", async () => {
  const { world, received, ended } = await startPut({
    ...comingIn(1_018, 11, 50_000),
    thenBreaks: true,
  });
  await world.run(60_000);
  expect(ended[0]?.outcome.result).toEqual({ kind: "failed", reason: "body_broken" });
  expect(ended[0]?.atMs).toBeLessThan(JOINED_MS + 1_000);
  expect(received).toEqual([]);
});

test.each([
  ["stalls for good", comingIn(1_018, 11, 50_000)],
  ["is still coming", comingIn(1_018, 300)],
])("a body that %s is given up when the exchange's time is over", async (_fault, plan) => {
  const timeoutMs = 20_000;
  const { world, received, ended } = await startPut({ ...plan, timeoutMs });
  await world.run(120_000);
  expect(ended[0]?.outcome.result).toEqual({ kind: "failed", reason: "timeout" });
  expect(ended[0]?.atMs).toBe(JOINED_MS + timeoutMs);
  expect(received).toEqual([]);
});

test("a server that goes while the body is awaited ends the exchange with the next byte", async () => {
  const { world, internet, ended } = await startPut(comingIn(20_001, 900));
  world.after(4_000, () => {
    internet.reachability = "refused";
  });
  await world.run(60_000);
  expect(ended[0]?.outcome.result).toEqual({ kind: "failed", reason: "connection" });
  expect(ended[0]?.atMs).toBeLessThan(5_000);
  expect(ended).toHaveLength(1);
});

test("three seconds out of the Wi-Fi's reach delay a body and lose none of it", async () => {
  const { world, radio, received, ended } = await startPut(comingIn(1_018, 11));
  world.after(2_500, () => {
    radio.inReach = false;
  });
  world.after(5_500, () => {
    radio.inReach = true;
  });
  await world.run(60_000);
  expect(ended[0]?.outcome.result).toMatchObject({ kind: "answered", status: 200 });
  expect(isIntact(received[0])).toBe(true);
});
