import {
  CAMERA_HELLO_MS,
  CAMERA_LOOK_BASE_MS,
  CAMERA_LOOK_MS,
  CAMERA_LOOKS_MAX,
  CAMERA_OFF_MS,
  CAMERA_REST_BASE_MS,
  CAMERA_REST_MAX_MS,
  CAMERA_RESTARTS_MAX,
  CAMERA_SETTLE_MS,
  CAMERA_SLEEP_MS,
  CAMERA_WAKE_ATTEMPTS_MAX,
} from "../limits.ts";

/** `failures`: wakes in a row that no hello followed. */
export type CameraPower =
  /**
   * Not to be woken before `readyAtMs`: an edge on its pin while it shuts down would be lost. `looks`: how often it is
   * still to be looked for because nobody knows that it sleeps; the next time at `lookAtMs`.
   */
  | {
      readonly kind: "asleep";
      readonly readyAtMs: number;
      readonly failures: number;
      readonly looks: number;
      readonly lookAtMs: number;
    }
  /** It did not come up: left alone until `untilMs`. */
  | { readonly kind: "resting"; readonly untilMs: number; readonly failures: number }
  /** Is it awake, with something from before? */
  | { readonly kind: "listening"; readonly looks: number; readonly deadlineMs: number }
  | {
      readonly kind: "waking";
      readonly attempt: number;
      readonly failures: number;
      readonly deadlineMs: number;
    }
  /** Its supply is off. */
  | { readonly kind: "cycling"; readonly failures: number; readonly deadlineMs: number }
  /** Its supply is on again: it boots without a pulse. */
  | { readonly kind: "returning"; readonly failures: number; readonly deadlineMs: number }
  | { readonly kind: "awake"; readonly restarts: number }
  | { readonly kind: "dismissing"; readonly deadlineMs: number };

export type CameraInput =
  /** There is work for it. */
  | { readonly kind: "wanted" }
  | { readonly kind: "hello" }
  | { readonly kind: "tick" }
  /** All work is done. */
  | { readonly kind: "finished" }
  | { readonly kind: "sleep_refused" }
  /** It refuses to sleep and nobody knows why: its own timer will put it to sleep. */
  | { readonly kind: "left_alone" }
  /** The order to sleep has arrived. */
  | { readonly kind: "dismissed" }
  /** Nothing was heard for too long. */
  | { readonly kind: "gone" };

/** In this order: what was lost is known before the next wake is planned. */
export type CameraEffect =
  | { readonly kind: "open" }
  | { readonly kind: "pulse" }
  | { readonly kind: "supply"; readonly on: boolean }
  | { readonly kind: "started" }
  | { readonly kind: "dismiss" }
  | { readonly kind: "close" }
  | { readonly kind: "lost"; readonly reason: "camera_unreachable" | "camera_silent" };

export interface CameraStep {
  readonly state: CameraPower;
  readonly effects: readonly CameraEffect[];
}

/** At the feeder's own start nothing is known of it. */
export const CAMERA_UNKNOWN: CameraPower = {
  kind: "asleep",
  readyAtMs: 0,
  failures: 0,
  looks: CAMERA_LOOKS_MAX,
  lookAtMs: 0,
};

/** Wakes the camera, gives up on it and sends it back to sleep. Every wait has a deadline. */
export function stepCamera(
  state: CameraPower,
  input: CameraInput,
  hasSupply: boolean,
  nowMs: number,
): CameraStep {
  switch (state.kind) {
    case "asleep":
      return stepAsleep(state, input, nowMs);
    case "listening":
      return stepListening(state, input, nowMs);
    case "resting":
      return stepResting(state, input, nowMs);
    case "waking":
    case "cycling":
    case "returning":
      return stepComing(state, input, hasSupply, nowMs);
    case "awake":
      return stepAwake(state, input, nowMs);
    case "dismissing":
      return stepDismissing(state, input, nowMs);
  }
}

function stepAsleep(
  state: Extract<CameraPower, { kind: "asleep" }>,
  input: CameraInput,
  nowMs: number,
): CameraStep {
  if (input.kind === "tick" && state.looks > 0 && nowMs >= state.lookAtMs) {
    return {
      state: { kind: "listening", looks: state.looks - 1, deadlineMs: nowMs + CAMERA_LOOK_MS },
      effects: [{ kind: "open" }],
    };
  }
  return input.kind === "wanted" && nowMs >= state.readyAtMs
    ? wake(1, state.failures, nowMs, [{ kind: "open" }])
    : stay(state);
}

function stepListening(
  state: Extract<CameraPower, { kind: "listening" }>,
  input: CameraInput,
  nowMs: number,
): CameraStep {
  if (input.kind === "hello") return start(0);
  if (input.kind === "wanted") return wake(1, 0, nowMs, []);
  return input.kind === "tick" && nowMs >= state.deadlineMs
    ? { state: { ...asleep(nowMs, state.looks), readyAtMs: nowMs }, effects: [{ kind: "close" }] }
    : stay(state);
}

function stepResting(
  state: Extract<CameraPower, { kind: "resting" }>,
  input: CameraInput,
  nowMs: number,
): CameraStep {
  if (nowMs >= state.untilMs) {
    return stepCamera(
      { ...asleep(nowMs, 0), readyAtMs: nowMs, failures: state.failures },
      input,
      false,
      nowMs,
    );
  }
  return input.kind === "wanted"
    ? { state, effects: [{ kind: "lost", reason: "camera_unreachable" }] }
    : stay(state);
}

function stepComing(
  state: Extract<CameraPower, { kind: "waking" | "cycling" | "returning" }>,
  input: CameraInput,
  hasSupply: boolean,
  nowMs: number,
): CameraStep {
  if (input.kind === "hello") return start(0);
  if (input.kind !== "tick" || nowMs < state.deadlineMs) return stay(state);
  const { failures } = state;
  if (state.kind === "cycling") {
    return {
      state: { kind: "returning", failures, deadlineMs: nowMs + CAMERA_HELLO_MS },
      effects: [{ kind: "supply", on: true }],
    };
  }
  if (state.kind === "returning") return rest(failures, nowMs);
  if (state.attempt < CAMERA_WAKE_ATTEMPTS_MAX) return wake(state.attempt + 1, failures, nowMs, []);
  if (!hasSupply) return rest(failures, nowMs);
  return {
    state: { kind: "cycling", failures, deadlineMs: nowMs + CAMERA_OFF_MS },
    effects: [{ kind: "supply", on: false }],
  };
}

function stepAwake(
  state: Extract<CameraPower, { kind: "awake" }>,
  input: CameraInput,
  nowMs: number,
): CameraStep {
  switch (input.kind) {
    case "hello": {
      const restarts = state.restarts + 1;
      if (restarts > CAMERA_RESTARTS_MAX) return lose(nowMs);
      return start(restarts);
    }
    case "finished":
      return {
        state: { kind: "dismissing", deadlineMs: nowMs + CAMERA_SLEEP_MS },
        effects: [{ kind: "dismiss" }],
      };
    case "gone":
      return lose(nowMs);
    case "left_alone":
      return { state: asleep(nowMs, 0), effects: [{ kind: "close" }] };
    default:
      return stay(state);
  }
}

function stepDismissing(
  state: Extract<CameraPower, { kind: "dismissing" }>,
  input: CameraInput,
  nowMs: number,
): CameraStep {
  if (input.kind === "hello") return start(0);
  if (input.kind === "sleep_refused") return stay({ kind: "awake", restarts: 0 });
  const expired = input.kind === "tick" && nowMs >= state.deadlineMs;
  if (input.kind !== "dismissed" && !expired) return stay(state);
  return { state: asleep(nowMs, expired ? CAMERA_LOOKS_MAX : 0), effects: [{ kind: "close" }] };
}

function start(restarts: number): CameraStep {
  return { state: { kind: "awake", restarts }, effects: [{ kind: "started" }] };
}

function wake(
  attempt: number,
  failures: number,
  nowMs: number,
  first: readonly CameraEffect[],
): CameraStep {
  return {
    state: { kind: "waking", attempt, failures, deadlineMs: nowMs + CAMERA_HELLO_MS },
    effects: [...first, { kind: "pulse" }],
  };
}

/** Each failure doubles how long the camera is left alone: pulses and listening cost the battery too. */
function rest(failures: number, nowMs: number): CameraStep {
  const restMs = Math.min(CAMERA_REST_BASE_MS * 2 ** failures, CAMERA_REST_MAX_MS);
  return {
    state: { kind: "resting", untilMs: nowMs + restMs, failures: failures + 1 },
    effects: [{ kind: "lost", reason: "camera_unreachable" }, { kind: "close" }],
  };
}

function lose(nowMs: number): CameraStep {
  return {
    state: asleep(nowMs, CAMERA_LOOKS_MAX),
    effects: [{ kind: "lost", reason: "camera_silent" }, { kind: "close" }],
  };
}

/** Each further look waits longer: one that was held up is there soon, one that died is not. */
function asleep(nowMs: number, looks: number): Extract<CameraPower, { kind: "asleep" }> {
  const lookAtMs = nowMs + CAMERA_LOOK_BASE_MS * 4 ** (CAMERA_LOOKS_MAX - looks);
  return { kind: "asleep", readyAtMs: nowMs + CAMERA_SETTLE_MS, failures: 0, looks, lookAtMs };
}

function stay(state: CameraPower): CameraStep {
  return { state, effects: [] };
}
