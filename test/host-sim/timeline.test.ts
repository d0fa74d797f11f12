import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { type Props, playScenario } from "../../cli/sim/play-scenario.ts";
import { recordScenario } from "../../cli/sim/report/recording.ts";
import { buildProps } from "../../cli/sim/scenario-props.ts";
import { MINUTE_MS, SECOND_MS } from "../../host-sim/durations.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import type { FaultPlan } from "../../host-sim/faults/fault.ts";
import type { Scenario } from "../../host-sim/scenario.ts";
import { scenario as photo } from "../../host-sim/scenarios/photo.ts";
import { type Binned, BinnedSum } from "../../host-sim/timeline/binned-sum.ts";
import type { BoardTimeline } from "../../host-sim/timeline/board-timeline.ts";
import { ExchangeLog } from "../../host-sim/timeline/exchange-log.ts";
import { FirstOf } from "../../host-sim/timeline/first-of.ts";
import { Lane, type Span } from "../../host-sim/timeline/lane.ts";

let props: Props;
beforeAll(async () => {
  props = await buildProps();
});

const options = { seed: 1, engine: nodeEngine };

/** The story of one photo at 0:05, with these faults. */
async function record(plan: FaultPlan, scenario: Scenario = photo) {
  const { timeline } = await recordScenario(scenario, props, { ...options, plan });
  const [board] = timeline.boards;
  if (board === undefined) throw new Error("no feeder");
  return { timeline, board };
}

const total = ({ sums }: Binned): number => sums.reduce((sum, value) => sum + value, 0);

/** States with the seconds at which they begin. */
const begins = (spans: readonly Span[]) =>
  spans.map(({ state, fromMs }) => `${Math.floor(fromMs / 1000)} ${state}`);

test("a run that is recorded is the run that is not", async () => {
  const plain = await playScenario(photo, props, options);
  const { played } = await recordScenario(photo, props, options);
  expect(played.stage.world.trace.hash()).toBe(plain.stage.world.trace.hash());
  expect(played.stage.world.events).toBe(plain.stage.world.events);
});

test("of a photo are told the visit, the camera's work, its frames, the upload, the flash and what it cost", async () => {
  const { timeline, board } = await record([]);
  expect(timeline).toMatchObject({ lengthMs: 30 * MINUTE_MS, faults: [] });
  expect(board.marks.kept).toEqual([
    { atMs: 350, what: "boot 1.0.0" },
    { atMs: 5 * MINUTE_MS, what: "visit" },
  ]);
  expect(begins(board.states)).toEqual(["0 booting", "0 running"]);
  expect(begins(board.wifi)).toEqual(["0 joining", "2 associated"]);
  expect(board.session).toMatchObject([{ state: "open", toMs: 30 * MINUTE_MS }]);
  expect(board.taken.kept).toHaveLength(1);
  const phases = board.camera.map(({ state }) => state);
  expect(phases.slice(0, 3)).toEqual(["asleep", "booting", "idle"]);
  for (const phase of ["still", "transfer"]) expect(phases).toContain(phase);
  expect(phases.at(-1)).toBe("asleep");
  const requests = board.exchanges.kept.map(({ request }) => request);
  expect(requests).toContain("GET /v1/discovery/feeder-1");
  expect(requests).toContain("POST /v1/presign/put");
  const upload = board.exchanges.kept.find(({ request }) => request.startsWith("PUT "));
  expect(upload).toMatchObject({ sentBytes: 3_014, answer: { status: 200 } });
  expect(board.link.kinds).toContainEqual({ kind: "offer", sent: 0, heard: 1 });
  expect(board.link.kinds).toContainEqual({ kind: "read", sent: 1, heard: 0 });
  const frames = board.link.kinds.reduce((sum, { heard }) => sum + heard, 0);
  expect(total(board.link.heard)).toBe(frames);
  const spool = board.flash.partitions.find(({ partition }) => partition === "spool");
  expect(spool?.programs).toBeGreaterThan(10);
  expect(total(board.charge.feeder) / 3_600_000).toBeCloseTo(board.energy.feeder.mAh, 6);
  expect(total(board.charge.camera) / 3_600_000).toBeCloseTo(board.energy.camera.mAh, 6);
  expect(board.energy.mAh).toBe(board.energy.feeder.mAh + board.energy.camera.mAh);
});

const lies = { feeder: 0, forMs: 30 * SECOND_MS } as const;

test("no power, deep sleep and a brownout are told, each for as long as it lasts", async () => {
  const { timeline, board } = await record([
    { kind: "power_cut", ...lies, atMs: 60 * SECOND_MS, operation: 0, phase: "torn" },
    { kind: "deep_sleep", ...lies, atMs: 120 * SECOND_MS },
    { kind: "brownout", feeder: 0, atMs: 180 * SECOND_MS },
    { kind: "server_refuses", atMs: 240 * SECOND_MS, forMs: 30 * SECOND_MS },
  ]);
  expect(begins(board.states)).toEqual([
    ...["0 booting", "0 running", "60 off", "90 booting", "90 running"],
    ...["120 asleep", "150 booting", "150 running", "180 booting", "180 running"],
  ]);
  const turns = board.marks.kept.map(({ what }) => what).filter((what) => !/^boot/.test(what));
  expect(turns).toEqual(["sleep", "reset brownout", "visit"]);
  const [first, ...later] = board.session;
  expect(first?.toMs).toBe(60 * SECOND_MS);
  expect(later.map(({ toMs }) => toMs / 1000)).toEqual([120, 180, 240, 1800]);
  expect(
    timeline.faults.map(({ kind, deviceId, fromMs, toMs }) => [kind, deviceId, fromMs, toMs]),
  ).toEqual([
    ["power cut", "feeder-1", 60_000, 90_000],
    ["deep sleep", "feeder-1", 120_000, 150_000],
    ["brownout", "feeder-1", 180_000, 180_000],
    ["server refuses", undefined, 240_000, 270_000],
  ]);
});

test("safe mode is a state of its own", async () => {
  const props = () => ({ nvs: { "skyfeeder/safeMode": "boots_failed" } });
  const { board } = await record([], { ...photo, props });
  expect(begins(board.states)).toEqual(["0 booting", "0 safe mode"]);
});

test("a request that nobody answers has no answer, and the next of its name has its own", () => {
  const log = new ExchangeLog();
  log.see(0, "PUT /a 10");
  log.see(5, "GET /b 0");
  log.see(100, "PUT /a 10");
  log.see(110, "answer 503 chunked to PUT /a");
  log.see(120, "answer 200 7 to GET /b");
  log.see(130, "answer 200 9 to GET /b");
  expect(log.exchanges()).toEqual({
    kept: [
      { fromMs: 0, request: "PUT /a", sentBytes: 10 },
      { fromMs: 5, request: "GET /b", sentBytes: 0, answer: { atMs: 120, status: 200, bytes: 7 } },
      { fromMs: 100, request: "PUT /a", sentBytes: 10, answer: { atMs: 110, status: 503 } },
    ],
    left: 0,
  });
});

const stretches = fc.array(
  fc.record({
    lengthMs: fc.integer({ min: 0, max: 90_000_000 }),
    perMs: fc.integer({ min: 0, max: 250 }),
  }),
  { maxLength: 20 },
);

test("sums over time stay within their bins, and nothing is lost however long it takes", () => {
  fc.assert(
    fc.property(stretches, (given) => {
      const sum = new BinnedSum();
      let nowMs = 0;
      let expected = 0;
      for (const { lengthMs, perMs } of given) {
        sum.addOver(nowMs, nowMs + lengthMs, perMs);
        sum.add(nowMs, 3);
        nowMs += lengthMs;
        expected += lengthMs * perMs + 3;
      }
      const binned = sum.binned();
      expect(total(binned)).toBe(expected);
      expect(binned.sums.length).toBeLessThanOrEqual(1024);
    }),
  );
});

test("a short run has bins of 10 ms", () => {
  const sum = new BinnedSum();
  sum.add(5);
  sum.add(15);
  sum.addOver(18, 32, 1);
  expect(sum.binned()).toEqual({ binMs: 10, sums: [1, 3, 10, 2] });
});

test("a lane of too many states keeps the long ones and its length", () => {
  const lane = new Lane();
  for (let at = 0; at < 100_000; at++) {
    const fromMs = at * 1_000;
    lane.add("long", fromMs, fromMs + (at % 10 === 0 ? 900 : 990));
    lane.add(`short ${at}`, fromMs + (at % 10 === 0 ? 900 : 990), fromMs + 1_000);
  }
  const spans = lane.spans();
  expect(spans.length).toBeLessThanOrEqual(2_000);
  expect(spans.at(0)?.fromMs).toBe(0);
  expect(spans.at(-1)?.toMs).toBe(100_000_000);
  for (const [index, { fromMs }] of spans.entries()) {
    if (index > 0) expect(fromMs).toBe(spans[index - 1]?.toMs);
  }
});

test("a lane keeps every state of a short run, and a gap is a gap", () => {
  const lane = new Lane();
  lane.add("open", 0, 10);
  lane.add("open", 10, 11);
  lane.add(undefined, 11, 12);
  lane.add("open", 12, 13);
  expect(lane.spans()).toEqual([
    { state: "open", fromMs: 0, toMs: 11 },
    { state: "open", fromMs: 12, toMs: 13 },
  ]);
});

test("what no longer fits a list is counted", () => {
  const list = new FirstOf<number>();
  for (let item = 0; item < 2_003; item++) list.push(item);
  expect(list.beginning()).toMatchObject({ left: 3 });
  expect(list.beginning().kept).toHaveLength(2_000);
});

test("what a board is in does not change by what it sends or writes meanwhile", async () => {
  const { board } = await record([]);
  const [, running] = board.states;
  const sent = board.energy.feeder.phases.find(({ phase }) => phase === "sending");
  expect(sent?.seconds).toBeGreaterThan(0.03);
  expect(running?.toMs).toBe(30 * MINUTE_MS);
  expect(unbroken(board)).toBe(true);
});

function unbroken({ states }: BoardTimeline): boolean {
  return states.every(({ fromMs }, index) => index === 0 || states[index - 1]?.toMs === fromMs);
}
