import type { DeviceConfig } from "../../../protocol/device-config.ts";
import {
  WEIGH_MAX_MS,
  WEIGH_MIN_MS,
  WEIGH_SETTLING_MS,
  WEIGH_SHARE_OF_ABSENCE,
} from "../limits.ts";

export type VisitTrigger = "pir" | "weight";

type MotionConfig = Pick<
  DeviceConfig,
  "visitWeightGrams" | "presenceSettleMs" | "visitCoolDownSeconds"
>;

export interface MotionState {
  readonly pir: boolean;
  readonly grams: number;
  readonly phase: Phase;
  readonly coolUntilMs: number;
}

/** `present`: this arrival is dealt with; only the next one can be a visit. */
type Phase =
  | { readonly kind: "absent" }
  | { readonly kind: "settling"; readonly sinceMs: number; readonly trigger: VisitTrigger }
  | { readonly kind: "present" };

export type MotionInput =
  | { readonly kind: "pir"; readonly present: boolean }
  | { readonly kind: "weight"; readonly grams: number }
  | { readonly kind: "settled" };

export interface MotionStep {
  readonly state: MotionState;
  readonly visit?: { readonly trigger: VisitTrigger; readonly grams: number };
  /** Ask again with `settled` after so long. */
  readonly settleMs?: number;
}

export const NO_MOTION: MotionState = {
  pir: false,
  grams: 0,
  phase: { kind: "absent" },
  coolUntilMs: 0,
};

/**
 * Presence is the PIR or the scale. It becomes a visit when it has lasted `presenceSettleMs`, at least
 * `visitCoolDownSeconds` after the visit before; a bird that stays is one visit however long.
 */
export function stepMotion(
  before: MotionState,
  input: MotionInput,
  config: MotionConfig,
  nowMs: number,
): MotionStep {
  const state = sense(before, input);
  const trigger = triggerOf(state, config);
  if (trigger === undefined) return { state: { ...state, phase: { kind: "absent" } } };
  switch (state.phase.kind) {
    case "present":
      return isArrival(before, input) ? arrive(state, trigger, config, nowMs) : { state };
    case "absent":
      return arrive(state, trigger, config, nowMs);
    case "settling":
      return settle(state, state.phase, config, nowMs);
  }
}

/** How long the scale may rest before it is read again, when nobody was there for `absentMs`. */
export function weighDelayMs({ phase }: MotionState, absentMs: number): number {
  if (phase.kind === "settling") return WEIGH_SETTLING_MS;
  return Math.min(WEIGH_MAX_MS, Math.max(WEIGH_MIN_MS, absentMs * WEIGH_SHARE_OF_ABSENCE));
}

/** Snow or wet wood can hold the scale above its threshold for days: a bird that the PIR sees come is a bird. */
function isArrival(before: MotionState, input: MotionInput): boolean {
  return input.kind === "pir" && input.present && !before.pir;
}

function arrive(
  state: MotionState,
  trigger: VisitTrigger,
  { presenceSettleMs }: MotionConfig,
  nowMs: number,
): MotionStep {
  return {
    state: { ...state, phase: { kind: "settling", sinceMs: nowMs, trigger } },
    settleMs: Math.max(presenceSettleMs, state.coolUntilMs - nowMs),
  };
}

function settle(
  state: MotionState,
  phase: Extract<Phase, { kind: "settling" }>,
  { presenceSettleMs, visitCoolDownSeconds }: MotionConfig,
  nowMs: number,
): MotionStep {
  if (nowMs - phase.sinceMs < presenceSettleMs || nowMs < state.coolUntilMs) return { state };
  return {
    state: {
      ...state,
      phase: { kind: "present" },
      coolUntilMs: nowMs + visitCoolDownSeconds * 1_000,
    },
    visit: { trigger: phase.trigger, grams: state.grams },
  };
}

function sense(state: MotionState, input: MotionInput): MotionState {
  switch (input.kind) {
    case "pir":
      return { ...state, pir: input.present };
    case "weight":
      return { ...state, grams: input.grams };
    case "settled":
      return state;
  }
}

function triggerOf(
  state: MotionState,
  { visitWeightGrams }: MotionConfig,
): VisitTrigger | undefined {
  if (state.pir) return "pir";
  return state.grams >= visitWeightGrams ? "weight" : undefined;
}
