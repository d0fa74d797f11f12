/** The negotiation of a faster rate (docs/link.md, "Rate"), for both ends, as a pure function. */

/** After every reset, wake and new start. */
export const BASE_RATE = 115_200;
const PROPOSE_EVERY_MS = 300;
const PROPOSALS_MAX = 3;
const PROBE_EVERY_MS = 20;
export const PROBES_MAX = 3;
const ALL_PROBES = (1 << PROBES_MAX) - 1;
/** Either end has so long after its switch to be convinced. */
const PROVE_MS = 200;

export type RateState =
  /** Not negotiating. `candidates`: rates still worth proposing, the highest first; empty at the answering end. */
  | { readonly kind: "steady"; readonly rate: number; readonly candidates: readonly number[] }
  | {
      readonly kind: "proposing";
      readonly candidates: readonly number[];
      readonly proposals: number;
      readonly dueMs: number;
    }
  /** The accept is still leaving the transmitter. */
  | { readonly kind: "accepting"; readonly rate: number }
  | {
      readonly kind: "probing";
      readonly candidates: readonly number[];
      readonly echoes: number;
      readonly dueMs: number;
      readonly deadlineMs: number;
    }
  | {
      readonly kind: "proving";
      readonly rate: number;
      readonly seen: number;
      readonly deadlineMs: number;
    };

export type RateInput =
  /** Nothing of this end is in flight. */
  | { readonly kind: "idle" }
  | { readonly kind: "tick" }
  | { readonly kind: "proposed"; readonly rate: number }
  | { readonly kind: "accepted"; readonly rate: number }
  | { readonly kind: "sent" }
  | { readonly kind: "probed"; readonly number: number; readonly echo: boolean }
  /** Nothing intact was heard for too long. */
  | { readonly kind: "deaf" };

export type RateEffect =
  | { readonly kind: "propose"; readonly rate: number }
  | { readonly kind: "accept"; readonly rate: number }
  | { readonly kind: "probe"; readonly number: number; readonly echo: boolean }
  | { readonly kind: "set_rate"; readonly rate: number };

export interface RateStep {
  readonly state: RateState;
  readonly effects: readonly RateEffect[];
}

export function steadyAt(candidates: readonly number[]): RateState {
  return { kind: "steady", rate: BASE_RATE, candidates };
}

/** While this holds an end sends no numbered frame. */
export function isNegotiating(state: RateState): boolean {
  return state.kind !== "steady";
}

export function stepRate(state: RateState, input: RateInput, nowMs: number): RateStep {
  switch (state.kind) {
    case "steady":
      return stepSteady(state, input, nowMs);
    case "proposing":
      return stepProposing(state, input, nowMs);
    case "accepting":
      return input.kind === "sent" ? prove(state.rate, nowMs) : stay(state);
    case "probing":
      return stepProbing(state, input, nowMs);
    case "proving":
      return stepProving(state, input, nowMs);
  }
}

/** When the state wants a tick. */
export function rateDueMs(state: RateState): number {
  switch (state.kind) {
    case "steady":
    case "accepting":
      return Number.POSITIVE_INFINITY;
    case "proposing":
      return state.dueMs;
    case "probing":
      return Math.min(state.dueMs, state.deadlineMs);
    case "proving":
      return state.deadlineMs;
  }
}

function stepSteady(
  state: Extract<RateState, { kind: "steady" }>,
  input: RateInput,
  nowMs: number,
): RateStep {
  const { candidates, rate } = state;
  switch (input.kind) {
    case "idle":
      return rate === BASE_RATE && candidates.length > 0
        ? propose(candidates, 0, nowMs)
        : stay(state);
    case "proposed":
      return {
        state: { kind: "accepting", rate: input.rate },
        effects: [{ kind: "accept", rate: input.rate }],
      };
    case "probed":
      // The other end has not heard its last echoes.
      return { state, effects: input.echo ? [] : [{ ...input, kind: "probe", echo: true }] };
    case "deaf":
      return rate === BASE_RATE ? stay(state) : fallBack(candidates);
    default:
      return stay(state);
  }
}

function stepProposing(
  state: Extract<RateState, { kind: "proposing" }>,
  input: RateInput,
  nowMs: number,
): RateStep {
  const [rate = BASE_RATE, ...others] = state.candidates;
  if (input.kind === "accepted" && input.rate === rate) {
    const deadlineMs = nowMs + PROVE_MS;
    return {
      state: { kind: "probing", candidates: state.candidates, echoes: 0, dueMs: nowMs, deadlineMs },
      effects: [{ kind: "set_rate", rate }],
    };
  }
  if (input.kind !== "tick" || nowMs < state.dueMs) return stay(state);
  if (state.proposals === PROPOSALS_MAX) return { state: steadyAt(others), effects: [] };
  return propose(state.candidates, state.proposals, nowMs);
}

function stepProbing(
  state: Extract<RateState, { kind: "probing" }>,
  input: RateInput,
  nowMs: number,
): RateStep {
  const [rate = BASE_RATE, ...others] = state.candidates;
  if (input.kind === "probed" && input.echo) {
    const echoes = state.echoes | probeBit(input.number);
    if (echoes !== ALL_PROBES) return stay({ ...state, echoes });
    return stay({ kind: "steady", rate, candidates: others });
  }
  if (input.kind !== "tick") return stay(state);
  if (nowMs >= state.deadlineMs) return fallBack(others);
  if (nowMs < state.dueMs) return stay(state);
  const missing = PROBES.filter((number) => (state.echoes & probeBit(number)) === 0);
  return {
    state: { ...state, dueMs: nowMs + PROBE_EVERY_MS },
    effects: missing.map((number) => ({ kind: "probe", number, echo: false })),
  };
}

function stepProving(
  state: Extract<RateState, { kind: "proving" }>,
  input: RateInput,
  nowMs: number,
): RateStep {
  if (input.kind === "probed" && !input.echo) {
    const seen = state.seen | probeBit(input.number);
    const { rate } = state;
    const next: RateState =
      seen === ALL_PROBES ? { kind: "steady", rate, candidates: [] } : { ...state, seen };
    return { state: next, effects: [{ kind: "probe", number: input.number, echo: true }] };
  }
  return input.kind === "tick" && nowMs >= state.deadlineMs ? fallBack([]) : stay(state);
}

const PROBES: readonly number[] = Array.from({ length: PROBES_MAX }, (_, index) => index + 1);

function probeBit(number: number): number {
  return number >= 1 && number <= PROBES_MAX ? 1 << (number - 1) : 0;
}

function propose(candidates: readonly number[], before: number, nowMs: number): RateStep {
  const [rate = BASE_RATE] = candidates;
  const dueMs = nowMs + PROPOSE_EVERY_MS;
  return {
    state: { kind: "proposing", candidates, proposals: before + 1, dueMs },
    effects: [{ kind: "propose", rate }],
  };
}

function prove(rate: number, nowMs: number): RateStep {
  return {
    state: { kind: "proving", rate, seen: 0, deadlineMs: nowMs + PROVE_MS },
    effects: [{ kind: "set_rate", rate }],
  };
}

function fallBack(candidates: readonly number[]): RateStep {
  return { state: steadyAt(candidates), effects: [{ kind: "set_rate", rate: BASE_RATE }] };
}

function stay(state: RateState): RateStep {
  return { state, effects: [] };
}
