import fc from "fast-check";
import { expect, test } from "vitest";
import {
  CAMERA_UNKNOWN,
  type CameraInput,
  type CameraPower,
  stepCamera,
} from "../../../device/esp32/capture/camera-power.ts";

/** Steps through inputs of `kind@ms`; answers the effects of each and the last state. */
function run(inputs: string, hasSupply = false, from: CameraPower = CAMERA_UNKNOWN) {
  let state = from;
  const effects = inputs.split(" ").map((input) => {
    const [kind = "", atMs] = input.split("@");
    const step = stepCamera(state, { kind } as CameraInput, hasSupply, Number(atMs));
    state = step.state;
    return step.effects.map((effect) => Object.values(effect).join(":")).join(",");
  });
  return { state, effects };
}

test.each([
  ["it answers the first pulse", "wanted@0 hello@2000", ["open,pulse", "started"], "awake"],
  [
    "it answers the third pulse",
    "wanted@0 tick@15000 tick@30000 hello@31000",
    ["open,pulse", "pulse", "pulse", "started"],
    "awake",
  ],
  [
    "it never answers",
    "wanted@0 tick@15000 tick@30000 tick@45000",
    ["open,pulse", "pulse", "pulse", "lost:camera_unreachable,close"],
    "resting",
  ],
  [
    "it goes to sleep when told",
    "wanted@0 hello@2000 finished@3000 dismissed@3100",
    ["open,pulse", "started", "dismiss", "close"],
    "asleep",
  ],
  [
    "it does not say that it sleeps",
    "wanted@0 hello@2000 finished@3000 tick@6000",
    ["open,pulse", "started", "dismiss", "close"],
    "asleep",
  ],
  [
    "it still holds something when told to sleep",
    "wanted@0 hello@2000 finished@3000 sleep_refused@3050",
    ["open,pulse", "started", "dismiss", ""],
    "awake",
  ],
  [
    "it restarts twice, then once too often",
    "wanted@0 hello@2000 hello@3000 hello@4000 hello@5000",
    ["open,pulse", "started", "started", "started", "lost:camera_silent,close"],
    "asleep",
  ],
  [
    "it falls silent",
    "wanted@0 hello@2000 gone@9000",
    ["open,pulse", "started", "lost:camera_silent,close"],
    "asleep",
  ],
  ["it was awake when the feeder started", "tick@0 hello@600", ["open", "started"], "awake"],
  ["it was asleep when the feeder started", "tick@0 tick@1500", ["open", "close"], "asleep"],
])("when %s", (_, inputs, effects, kind) => {
  const ran = run(inputs);
  expect(ran.effects).toEqual(effects);
  expect(ran.state.kind).toBe(kind);
});

test("where its supply is switched, three pulses are followed by a power cycle", () => {
  const { effects, state } = run(
    "wanted@0 tick@15000 tick@30000 tick@45000 tick@47000 hello@49000",
    true,
  );
  expect(effects.slice(3)).toEqual(["supply:false", "supply:true", "started"]);
  expect(state.kind).toBe("awake");
});

test("a camera that does not come up is left alone for 1, 2, 4 ... minutes, an hour at most", () => {
  let state: CameraPower = CAMERA_UNKNOWN;
  let atMs = 0;
  const restMinutes: number[] = [];
  for (let failure = 0; failure < 8; failure++) {
    const wake = run(
      `wanted@${atMs} tick@${atMs + 15_000} tick@${atMs + 30_000} tick@${atMs + 45_000}`,
      false,
      state,
    );
    state = wake.state;
    if (state.kind !== "resting") throw new Error("it should rest");
    restMinutes.push((state.untilMs - atMs - 45_000) / 60_000);
    const early = run(`wanted@${state.untilMs - 1}`, false, state);
    expect(early.effects).toEqual(["lost:camera_unreachable"]);
    atMs = state.untilMs;
  }
  expect(restMinutes).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
});

test("one that comes up after failures starts with a clean record", () => {
  const failed = run("wanted@0 tick@15000 tick@30000 tick@45000");
  const { state } = run(
    "wanted@105000 hello@107000 finished@108000 dismissed@109000",
    false,
    failed.state,
  );
  expect(state).toMatchObject({ kind: "asleep", failures: 0 });
});

test("one that nobody saw go to sleep is looked for three times", () => {
  const { state } = run("wanted@0 hello@2000 gone@9000");
  const { effects, state: last } = run(
    "tick@23000 tick@24000 tick@25500 tick@84000 tick@85500 tick@87000 tick@326000 tick@327500 tick@9999999",
    false,
    state,
  );
  expect(effects).toEqual(["", "open", "close", "", "open", "close", "", "open", "close"]);
  expect(last).toMatchObject({ kind: "asleep", looks: 0 });
});

test("its pin is left alone while it shuts down", () => {
  const { state } = run("wanted@0 hello@2000 finished@3000 dismissed@3100");
  expect(run("wanted@3200", false, state).effects).toEqual([""]);
  expect(run("wanted@3600", false, state).effects).toEqual(["open,pulse"]);
});

test("whatever happens, no state waits for ever and each wake ends awake or with a reason", () => {
  const kinds = [
    "tick",
    "wanted",
    "hello",
    "finished",
    "sleep_refused",
    "dismissed",
    "gone",
  ] as const;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...kinds), fc.nat(20_000)), { maxLength: 40 }),
      fc.boolean(),
      (inputs, hasSupply) => {
        let state: CameraPower = CAMERA_UNKNOWN;
        let atMs = 0;
        for (const [kind, waitMs] of inputs) {
          atMs += waitMs;
          state = stepCamera(state, { kind }, hasSupply, atMs).state;
        }
        for (let second = 0; second < 120; second++) {
          atMs += 1_000;
          state = stepCamera(state, { kind: "tick" }, hasSupply, atMs).state;
        }
        expect(["asleep", "resting", "awake"]).toContain(state.kind);
      },
    ),
  );
});
