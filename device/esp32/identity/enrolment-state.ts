import type { EnrolmentAnswer } from "../../../protocol/enrolment.ts";
import {
  CLAIM_CODE_MAX_MS,
  CLAIM_CODE_MIN_MS,
  CLAIM_CODE_SHOWN_MS,
  ENROLMENT_DENIED_MS,
  ENROLMENT_POLL_MAX_MS,
  ENROLMENT_POLL_MIN_MS,
} from "../limits.ts";

/** How a feeder that the server does not know gets its token. Times are monotonic. */
export type EnrolmentState =
  | { readonly kind: "none" }
  | { readonly kind: "asking" }
  | {
      /** The claim code is on the log, and an operator has until then to approve it. */
      readonly kind: "shown";
      readonly deviceCode: string;
      readonly claimCode: string;
      readonly pollMs: number;
      readonly untilMs: number;
      readonly shownAtMs: number;
    }
  | { readonly kind: "denied"; readonly untilMs: number };

export type EnrolmentInput =
  /** Discovery was refused for want of a token. */
  | { readonly kind: "refused" }
  /** Undefined: no answer, or none that is one. */
  | { readonly kind: "asked"; readonly answer: EnrolmentAnswer | undefined }
  | { readonly kind: "polled"; readonly verdict: PollVerdict }
  | { readonly kind: "waited" }
  /** The network is gone. */
  | { readonly kind: "stopped" };

export type PollVerdict =
  | { readonly kind: "approved"; readonly token: string }
  | { readonly kind: "denied" }
  | { readonly kind: "expired" }
  /** Also when nobody answered. */
  | { readonly kind: "pending" };

export type EnrolmentEffect =
  | { readonly kind: "ask" }
  | { readonly kind: "show"; readonly claimCode: string }
  | { readonly kind: "poll"; readonly deviceCode: string }
  | { readonly kind: "wait"; readonly delayMs: number }
  | { readonly kind: "keep"; readonly token: string }
  | { readonly kind: "denied" }
  /** Discovery has the next word, with a token or without. */
  | { readonly kind: "over" };

export interface EnrolmentStep {
  readonly state: EnrolmentState;
  readonly effects: readonly EnrolmentEffect[];
}

export function stepEnrolment(
  state: EnrolmentState,
  input: EnrolmentInput,
  nowMs: number,
): EnrolmentStep {
  switch (input.kind) {
    case "refused":
      return begin(state, nowMs);
    case "stopped":
      // What was shown stays good: somebody may be typing it.
      return state.kind === "asking" ? go({ kind: "none" }) : go(state);
    case "asked":
      return state.kind === "asking" ? show(input.answer, nowMs) : go(state);
    case "polled":
      return state.kind === "shown" ? hear(state, input.verdict, nowMs) : go(state);
    case "waited":
      return goOn(state, nowMs);
  }
}

function begin(state: EnrolmentState, nowMs: number): EnrolmentStep {
  if (state.kind === "shown" && nowMs < state.untilMs) {
    return go(state, { kind: "wait", delayMs: state.pollMs });
  }
  if (state.kind === "denied" && nowMs < state.untilMs) {
    return go(state, { kind: "wait", delayMs: state.untilMs - nowMs });
  }
  return go({ kind: "asking" }, { kind: "ask" });
}

function show(answer: EnrolmentAnswer | undefined, nowMs: number): EnrolmentStep {
  if (answer === undefined) return end();
  const { deviceCode, claimCode, interval, expiresIn } = answer;
  const pollMs = clamp(interval * 1_000, ENROLMENT_POLL_MIN_MS, ENROLMENT_POLL_MAX_MS);
  const untilMs = nowMs + clamp(expiresIn * 1_000, CLAIM_CODE_MIN_MS, CLAIM_CODE_MAX_MS);
  return go(
    { kind: "shown", deviceCode, claimCode, pollMs, untilMs, shownAtMs: nowMs },
    { kind: "show", claimCode },
    { kind: "wait", delayMs: pollMs },
  );
}

function hear(
  state: EnrolmentState & { readonly kind: "shown" },
  verdict: PollVerdict,
  nowMs: number,
): EnrolmentStep {
  switch (verdict.kind) {
    case "approved":
      return go({ kind: "none" }, { kind: "keep", token: verdict.token }, { kind: "over" });
    case "denied": {
      const delayMs = ENROLMENT_DENIED_MS;
      const state = { kind: "denied", untilMs: nowMs + delayMs } as const;
      return go(state, { kind: "denied" }, { kind: "wait", delayMs });
    }
    case "expired":
      return end();
    case "pending":
      return go(state, { kind: "wait", delayMs: state.pollMs });
  }
}

function goOn(state: EnrolmentState, nowMs: number): EnrolmentStep {
  if (state.kind !== "shown" || nowMs >= state.untilMs) return end();
  const { deviceCode, claimCode, shownAtMs } = state;
  const poll = { kind: "poll", deviceCode } as const;
  if (nowMs - shownAtMs < CLAIM_CODE_SHOWN_MS) return go(state, poll);
  return go({ ...state, shownAtMs: nowMs }, { kind: "show", claimCode }, poll);
}

function end(): EnrolmentStep {
  return go({ kind: "none" }, { kind: "over" });
}

function go(state: EnrolmentState, ...effects: EnrolmentEffect[]): EnrolmentStep {
  return { state, effects };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
