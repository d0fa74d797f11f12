import { MINUTE_MS, SECOND_MS } from "../durations.ts";
import type { RandomStream } from "../random.ts";
import type { Fault, FaultKind, FaultPlan } from "./fault.ts";

export interface FaultTimes {
  readonly fromMs: number;
  /** All is healed by then. */
  readonly toMs: number;
  readonly feeders: number;
  /** Every kind in every run. */
  readonly always: boolean;
}

/** Chance of each kind to be in a run at all: a run with everything in it hides what a few faults together do. */
const KIND_CHANCE = 0.35;
/** Of one kind in one run. */
const REPEATS_MAX = 3;

interface Draw {
  /** Uniform in [0, limit), whole. */
  within(limit: number): number;
  /** Uniform in the logarithm. */
  between(least: number, most: number): number;
  feeder: number;
  span(longestMs: number): { readonly atMs: number; readonly forMs: number };
  readonly atMs: number;
}

const DRAWN: { readonly [Kind in FaultKind]: (draw: Draw) => Fault } = {
  wifi_away: ({ feeder, span }) => ({ kind: "wifi_away", feeder, ...span(40 * MINUTE_MS) }),
  dns_fails: ({ feeder, span }) => ({ kind: "dns_fails", feeder, ...span(10 * MINUTE_MS) }),
  uart_noise: ({ feeder, span, between, within }) => ({
    kind: "uart_noise",
    feeder,
    ...span(60 * MINUTE_MS),
    bitErrorRate: within(2) * between(1e-6, 2e-4),
    dropFrameRate: within(2) * between(1e-3, 0.3),
    duplicateFrameRate: within(2) * between(1e-3, 0.3),
    insertByteRate: within(2) * between(1e-6, 2e-3),
  }),
  uart_stall: ({ feeder, span }) => ({ kind: "uart_stall", feeder, ...span(3 * SECOND_MS) }),
  camera_dead: ({ feeder, span }) => ({ kind: "camera_dead", feeder, ...span(30 * MINUTE_MS) }),
  camera_never_wakes: ({ feeder, span }) => ({
    kind: "camera_never_wakes",
    feeder,
    ...span(30 * MINUTE_MS),
  }),
  camera_mute: ({ feeder, span }) => ({ kind: "camera_mute", feeder, ...span(10 * MINUTE_MS) }),
  camera_blind: ({ feeder, span }) => ({ kind: "camera_blind", feeder, ...span(10 * MINUTE_MS) }),
  camera_without_wifi: ({ feeder, span }) => ({
    kind: "camera_without_wifi",
    feeder,
    ...span(60 * MINUTE_MS),
  }),
  camera_reset: ({ feeder, atMs }) => ({ kind: "camera_reset", feeder, atMs }),
  camera_supply_fails: ({ feeder, span, within }) => ({
    kind: "camera_supply_fails",
    feeder,
    ...span(60 * MINUTE_MS),
    sentBytes: within(60_000),
  }),
  power_cut: ({ feeder, span, within }) => ({
    kind: "power_cut",
    feeder,
    ...span(5 * MINUTE_MS),
    operation: within(2) * within(400),
    phase: (["before", "torn", "after"] as const)[within(3)] ?? "torn",
  }),
  brownout: ({ feeder, atMs }) => ({ kind: "brownout", feeder, atMs }),
  deep_sleep: ({ feeder, span }) => ({ kind: "deep_sleep", feeder, ...span(5 * MINUTE_MS) }),
  storage_full: ({ feeder, span }) => ({ kind: "storage_full", feeder, ...span(20 * MINUTE_MS) }),
  relay_drop: ({ atMs }) => ({ kind: "relay_drop", atMs }),
  server_refuses: ({ span }) => ({ kind: "server_refuses", ...span(40 * MINUTE_MS) }),
  server_silent: ({ span }) => ({ kind: "server_silent", ...span(20 * MINUTE_MS) }),
  http_status: ({ span, between, within }) => ({
    kind: "http_status",
    ...span(30 * MINUTE_MS),
    share: between(0.05, 1),
    status: [500, 503, 429, 403, 404, 408, 413][within(7)] ?? 500,
  }),
  http_stall: ({ span, between }) => ({
    kind: "http_stall",
    ...span(10 * MINUTE_MS),
    share: between(0.05, 1),
  }),
  answer_lost: ({ span, between }) => ({
    kind: "answer_lost",
    ...span(30 * MINUTE_MS),
    share: between(0.05, 1),
  }),
  answer_cut: ({ span, between }) => ({
    kind: "answer_cut",
    ...span(30 * MINUTE_MS),
    share: between(0.05, 1),
  }),
  http_slow: ({ span, between, within }) => ({
    kind: "http_slow",
    ...span(30 * MINUTE_MS),
    share: between(0.05, 1),
    lateMs: within(2 * MINUTE_MS),
  }),
  event_lost: ({ span, between }) => ({
    kind: "event_lost",
    ...span(30 * MINUTE_MS),
    share: between(0.01, 0.5),
  }),
  message_lost: ({ span, between }) => ({
    kind: "message_lost",
    ...span(30 * MINUTE_MS),
    share: between(0.01, 0.5),
  }),
  other_image: ({ span }) => ({ kind: "other_image", ...span(120 * MINUTE_MS) }),
  server_crash: ({ span, within }) => ({
    kind: "server_crash",
    ...span(5 * MINUTE_MS),
    operation: within(2) * within(40),
    when: (["before", "after"] as const)[within(2)] ?? "before",
    how: (["killed", "power"] as const)[within(2)] ?? "power",
  }),
  clock_step: ({ atMs, within }) => ({
    kind: "clock_step",
    atMs,
    byMs: (within(2) === 0 ? -1 : 1) * within(120 * MINUTE_MS),
  }),
};

export const FAULT_KINDS = Object.keys(DRAWN) as readonly FaultKind[];

/**
 * What goes wrong in one run, all of it drawn before it begins; each kind from a stream of its own, so that one kind
 * more or less shifts no other.
 */
export function drawPlan(
  stream: (name: string) => RandomStream,
  kinds: readonly FaultKind[],
  times: FaultTimes,
): FaultPlan {
  return kinds
    .flatMap((kind) => drawKind(stream(`faults/${kind}`), kind, times))
    .sort((one, other) => one.atMs - other.atMs);
}

function drawKind(random: RandomStream, kind: FaultKind, times: FaultTimes): Fault[] {
  if (random() >= KIND_CHANCE && !times.always) return [];
  const count = 1 + Math.floor(random() * REPEATS_MAX);
  return Array.from({ length: count }, () => DRAWN[kind](drawOf(random, times)));
}

function drawOf(random: RandomStream, { fromMs, toMs, feeders }: FaultTimes): Draw {
  const within = (limit: number): number => Math.floor(random() * limit);
  const between = (least: number, most: number): number =>
    Number((least * (most / least) ** random()).toPrecision(3));
  const feeder = within(feeders);
  const atMs = fromMs + within(toMs - fromMs);
  return {
    within,
    between,
    feeder,
    atMs,
    span: (longestMs) => ({ atMs, forMs: 1 + within(Math.min(longestMs, toMs - atMs)) }),
  };
}
