import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type RateInput,
  type RateState,
  rateDueMs,
  steadyAt,
  stepRate,
} from "../../../device/amb82-bridge/link/rate-switch.ts";

const LEADER = steadyAt([921_600, 460_800]);
const ANSWERER = steadyAt([]);

/** Steps through the inputs; answers the effects of each and the last state. */
function run(from: RateState, inputs: readonly (readonly [number, RateInput])[]) {
  let state = from;
  const effects = inputs.map(([atMs, input]) => {
    const step = stepRate(state, input, atMs);
    state = step.state;
    return step.effects.map((effect) => Object.values(effect).join(" ")).join(", ");
  });
  return { state, effects };
}

const idle: RateInput = { kind: "idle" };
const tick: RateInput = { kind: "tick" };
const accepted: RateInput = { kind: "accepted", rate: 921_600 };
const proposed: RateInput = { kind: "proposed", rate: 921_600 };
const echo = (number: number): RateInput => ({ kind: "probed", number, echo: true });
const probe = (number: number): RateInput => ({ kind: "probed", number, echo: false });

test("the leader proposes the highest rate, switches with the accept and keeps it with three echoes", () => {
  const { effects, state } = run(LEADER, [
    [0, idle],
    [10, accepted],
    [11, tick],
    [15, echo(1)],
    [16, echo(3)],
    [31, tick],
    [33, echo(2)],
  ]);
  expect(effects).toEqual([
    "propose 921600",
    "set_rate 921600",
    "probe 1 false, probe 2 false, probe 3 false",
    "",
    "",
    "probe 2 false",
    "",
  ]);
  expect(state).toMatchObject({ kind: "steady", rate: 921_600 });
});

test("two echoes are not enough: after 200 ms the leader is back and tries the next lower rate", () => {
  const { effects, state } = run(LEADER, [
    [0, idle],
    [10, accepted],
    [20, echo(1)],
    [21, echo(1)],
    [22, echo(2)],
    [210, tick],
    [211, idle],
  ]);
  expect(effects.slice(5)).toEqual(["set_rate 115200", "propose 460800"]);
  expect(state.kind).toBe("proposing");
});

test("a proposal is made three times, 300 ms apart, then the next lower rate has its turn", () => {
  const { effects } = run(LEADER, [
    [0, idle],
    [299, tick],
    [300, tick],
    [600, tick],
    [900, tick],
    [901, idle],
  ]);
  expect(effects).toEqual([
    "propose 921600",
    "",
    "propose 921600",
    "propose 921600",
    "",
    "propose 460800",
  ]);
});

test("an accept of another rate than the proposed one changes nothing", () => {
  const { state } = run(LEADER, [
    [0, idle],
    [10, { kind: "accepted", rate: 460_800 }],
  ]);
  expect(state.kind).toBe("proposing");
});

test("the answering end switches when its accept has left, and keeps the rate with three probes", () => {
  const { effects, state } = run(ANSWERER, [
    [0, proposed],
    [1, { kind: "sent" }],
    [5, probe(2)],
    [6, probe(1)],
    [7, probe(3)],
    [8, probe(3)],
  ]);
  expect(effects).toEqual([
    "accept 921600",
    "set_rate 921600",
    "probe 2 true",
    "probe 1 true",
    "probe 3 true",
    "probe 3 true",
  ]);
  expect(state).toMatchObject({ kind: "steady", rate: 921_600 });
});

test("without probes the answering end is back after 200 ms", () => {
  const { effects, state } = run(ANSWERER, [
    [0, proposed],
    [1, { kind: "sent" }],
    [5, probe(2)],
    [200, tick],
    [201, tick],
  ]);
  expect(effects.slice(3)).toEqual(["", "set_rate 115200"]);
  expect(state).toEqual(steadyAt([]));
});

test("an end that is deaf at a fast rate goes back; at 115200 there is nowhere to go", () => {
  const fast: RateState = { kind: "steady", rate: 921_600, candidates: [460_800] };
  expect(run(fast, [[0, { kind: "deaf" }]]).effects).toEqual(["set_rate 115200"]);
  expect(run(ANSWERER, [[0, { kind: "deaf" }]]).effects).toEqual([""]);
});

test("whatever comes, a negotiation is over in bounded time", () => {
  const input = fc.oneof(
    fc.constantFrom<RateInput>(idle, tick, accepted, proposed, { kind: "sent" }, { kind: "deaf" }),
    fc.record({
      kind: fc.constant("probed" as const),
      number: fc.integer({ min: 0, max: 255 }),
      echo: fc.boolean(),
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(400), input), { maxLength: 40 }), (inputs) => {
      let atMs = 0;
      let state: RateState = LEADER;
      for (const [waitMs, next] of inputs) {
        atMs += waitMs;
        state = stepRate(state, next, atMs).state;
      }
      for (let turn = 0; turn < 20 && state.kind !== "steady"; turn++) {
        if (state.kind === "accepting") state = stepRate(state, { kind: "sent" }, atMs).state;
        atMs = Math.max(atMs, rateDueMs(state));
        state = stepRate(state, tick, atMs).state;
      }
      expect(state.kind).toBe("steady");
    }),
  );
});
