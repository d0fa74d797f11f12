import { expect, test } from "vitest";
import { bundleExperiment, startExperiment } from "./experiment.ts";
import type { GetOutcome, GetPlan } from "./get-firmware.ts";

/** Association and DHCP; then the request begins. */
const JOINED_MS = 1_800;
const IDLE_MS = 15_000;
const IMAGE_BYTES = 300_000;
/** One TCP segment of the SDK's lwIP. */
const SEGMENT_BYTES = 1_436;

const firmware = bundleExperiment("get-firmware.ts");

const wholeImage: GetPlan = {
  idleTimeoutMs: IDLE_MS,
  wantedBytes: IMAGE_BYTES,
  timeoutMs: 900_000,
};

async function startGet(plan: GetPlan, body = image(IMAGE_BYTES)) {
  const answer = () => new Response(body, { headers: { ETag: '"4f"' } });
  return startExperiment<GetOutcome>(await firmware, plan, { answer });
}

function image(lengthBytes: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: lengthBytes }, (_, at) => at % 251);
}

test("an answer goes to its sink as it comes, in pieces, behind its status and headers", async () => {
  const { world, traced } = await startGet(wholeImage);
  await world.run(60_000);
  expect(traced.map(({ outcome }) => outcome)).toEqual([
    {
      result: { kind: "answered", status: 200, body: "" },
      begun: [200, '"4f"', null],
      takenBytes: IMAGE_BYTES,
      pieceBytesMax: SEGMENT_BYTES,
      isIntact: true,
    },
  ]);
});

test("without a sink an answer of more than 8 KB is too large", async () => {
  const { world, traced } = await startGet({ ...wholeImage, idleTimeoutMs: undefined });
  await world.run(60_000);
  expect(traced[0]?.outcome.result).toEqual({ kind: "failed", reason: "answer_too_large" });
});

test.each([
  ["at its headers", 0],
  ["in its middle", 100_000],
])("a sink that wants no more ends the exchange %s, as answered", async (_when, wantedBytes) => {
  const { world, radio, traced } = await startGet({ ...wholeImage, wantedBytes });
  await world.run(60_000);
  expect(traced).toHaveLength(1);
  const [end] = traced;
  expect(end?.outcome.result).toEqual({ kind: "answered", status: 200, body: "" });
  expect(end?.outcome.takenBytes).toBeGreaterThan(wantedBytes - SEGMENT_BYTES);
  expect(end?.outcome.takenBytes).toBeLessThanOrEqual(wantedBytes);
  const neededMs = JOINED_MS + wantedBytes / radio.downlinkBytesPerMs;
  expect(end?.atMs).toBeLessThan(neededMs + 200);
});

test("a server that says nothing is given up when the sink's patience is over", async () => {
  const { world, internet, traced } = await startGet(wholeImage);
  internet.reachability = "silent";
  await world.run(60_000);
  expect(traced).toMatchObject([
    { atMs: JOINED_MS + IDLE_MS, outcome: { result: { kind: "failed", reason: "timeout" } } },
  ]);
});

test("an answer that stops coming is given up as long after its last byte", async () => {
  const { world, internet, traced } = await startGet(wholeImage);
  const silentAtMs = 5_000;
  world.after(silentAtMs, () => {
    internet.reachability = "silent";
  });
  await world.run(60_000);
  expect(traced[0]?.outcome.result).toEqual({ kind: "failed", reason: "timeout" });
  expect(traced[0]?.outcome.isIntact).toBe(true);
  expect(traced[0]?.outcome.takenBytes).toBeGreaterThan(150_000);
  expect(traced[0]?.atMs).toBeGreaterThan(silentAtMs + IDLE_MS - 100);
  expect(traced[0]?.atMs).toBeLessThanOrEqual(silentAtMs + IDLE_MS);
});

test("a slow answer that never stops takes the time it needs", async () => {
  const { world, radio, traced } = await startGet(wholeImage);
  radio.downlinkBytesPerMs = 2;
  await world.run(400_000);
  expect(traced[0]?.outcome).toMatchObject({ result: { status: 200 }, takenBytes: IMAGE_BYTES });
  expect(traced[0]?.atMs).toBeGreaterThan(IMAGE_BYTES / 2 - 10_000);
});

test("a slow answer ends with the whole exchange's time all the same", async () => {
  const timeoutMs = 20_000;
  const { world, radio, traced } = await startGet({ ...wholeImage, timeoutMs });
  radio.downlinkBytesPerMs = 2;
  await world.run(60_000);
  expect(traced).toMatchObject([
    { atMs: JOINED_MS + timeoutMs, outcome: { result: { kind: "failed", reason: "timeout" } } },
  ]);
});

test("a connection that breaks leaves the sink with what came", async () => {
  const { world, radio, traced } = await startGet(wholeImage);
  radio.connectionLifetimeMs = 3_000;
  await world.run(60_000);
  expect(traced).toHaveLength(1);
  expect(traced[0]?.outcome.result).toEqual({ kind: "failed", reason: "connection" });
  expect(traced[0]?.outcome.takenBytes).toBeGreaterThan(100_000);
  expect(traced[0]?.outcome.isIntact).toBe(true);
});
