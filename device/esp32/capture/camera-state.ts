import type { CaptureFailure } from "../../../protocol/room-messages.ts";
import {
  CAMERA_HELLO_MS,
  CAMERA_OFFER_MS,
  CAMERA_RESTARTS_MAX,
  CAMERA_SILENCE_MS,
  CAMERA_SLEEP_MS,
  CAMERA_WAKE_ATTEMPTS_MAX,
} from "../limits.ts";

export type CameraState =
  | { readonly kind: "asleep" }
  | { readonly kind: "waking"; readonly attempt: number; readonly deadlineMs: number }
  | { readonly kind: "asking"; readonly restarts: number; readonly deadlineMs: number }
  | { readonly kind: "receiving"; readonly restarts: number; readonly deadlineMs: number }
  | { readonly kind: "dismissing"; readonly deadlineMs: number };

export type CameraInput =
  | { readonly kind: "visit" }
  | { readonly kind: "hello" }
  | { readonly kind: "offered" }
  | { readonly kind: "refused"; readonly reason: CaptureFailure }
  | { readonly kind: "progress" }
  | { readonly kind: "stored" }
  | { readonly kind: "deadline" }
  | { readonly kind: "dismissed" };

export type CameraEffect =
  | { readonly kind: "open" }
  | { readonly kind: "wake" }
  | { readonly kind: "ask" }
  | { readonly kind: "forget" }
  | { readonly kind: "dismiss" }
  | { readonly kind: "close" }
  | { readonly kind: "failed"; readonly reason: CaptureFailure };

export interface CameraStep {
  readonly state: CameraState;
  readonly effects: readonly CameraEffect[];
}

/** One visit with the camera: wake it, ask for a still, take it, send it back to sleep. Every wait has a deadline. */
export function stepCamera(state: CameraState, input: CameraInput, nowMs: number): CameraStep {
  switch (state.kind) {
    case "asleep":
      return input.kind === "visit" ? wake(1, nowMs, [{ kind: "open" }]) : stay(state);
    case "waking":
      return stepWaking(state, input, nowMs);
    case "asking":
    case "receiving":
      return stepAwake(state, input, nowMs);
    case "dismissing":
      return input.kind === "dismissed" || input.kind === "deadline"
        ? { state: { kind: "asleep" }, effects: [{ kind: "close" }] }
        : stay(state);
  }
}

function stepWaking(
  state: Extract<CameraState, { kind: "waking" }>,
  input: CameraInput,
  nowMs: number,
): CameraStep {
  if (input.kind === "hello") return ask(0, nowMs);
  if (input.kind !== "deadline") return stay(state);
  if (state.attempt < CAMERA_WAKE_ATTEMPTS_MAX) return wake(state.attempt + 1, nowMs, []);
  return {
    state: { kind: "asleep" },
    effects: [{ kind: "failed", reason: "camera_unreachable" }, { kind: "close" }],
  };
}

function stepAwake(
  state: Extract<CameraState, { kind: "asking" | "receiving" }>,
  input: CameraInput,
  nowMs: number,
): CameraStep {
  switch (input.kind) {
    case "hello":
      return state.restarts < CAMERA_RESTARTS_MAX
        ? ask(state.restarts + 1, nowMs)
        : giveUp("camera_silent", nowMs);
    case "offered":
    case "progress": {
      const deadlineMs = nowMs + CAMERA_SILENCE_MS;
      return { state: { kind: "receiving", restarts: state.restarts, deadlineMs }, effects: [] };
    }
    case "stored":
      return dismiss(nowMs, []);
    case "refused":
      return giveUp(input.reason, nowMs);
    case "deadline":
      return giveUp(state.kind === "asking" ? "still_failed" : "camera_silent", nowMs);
    default:
      return stay(state);
  }
}

function wake(attempt: number, nowMs: number, first: readonly CameraEffect[]): CameraStep {
  return {
    state: { kind: "waking", attempt, deadlineMs: nowMs + CAMERA_HELLO_MS },
    effects: [...first, { kind: "wake" }],
  };
}

function ask(restarts: number, nowMs: number): CameraStep {
  return {
    state: { kind: "asking", restarts, deadlineMs: nowMs + CAMERA_OFFER_MS },
    effects: [{ kind: "forget" }, { kind: "ask" }],
  };
}

function giveUp(reason: CaptureFailure, nowMs: number): CameraStep {
  return dismiss(nowMs, [{ kind: "forget" }, { kind: "failed", reason }]);
}

function dismiss(nowMs: number, first: readonly CameraEffect[]): CameraStep {
  return {
    state: { kind: "dismissing", deadlineMs: nowMs + CAMERA_SLEEP_MS },
    effects: [...first, { kind: "dismiss" }],
  };
}

function stay(state: CameraState): CameraStep {
  return { state, effects: [] };
}
