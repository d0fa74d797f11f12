import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../host-sim/durations.ts";

export interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly buckets: readonly {
    readonly upTo: string;
    readonly count: number;
  }[];
}

const BOUNDS = [
  ["5 s", 5 * SECOND_MS],
  ["10 s", 10 * SECOND_MS],
  ["30 s", 30 * SECOND_MS],
  ["1 min", MINUTE_MS],
  ["5 min", 5 * MINUTE_MS],
  ["30 min", 30 * MINUTE_MS],
  ["2 h", 2 * HOUR_MS],
  ["longer", Number.POSITIVE_INFINITY],
] as const;

export function summarise(latenciesMs: readonly number[]): Latency {
  const sorted = latenciesMs.toSorted((one, other) => one - other);
  // The nearest rank: a value that was measured.
  const rank = (share: number): number =>
    Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
  let aboveMs = Number.NEGATIVE_INFINITY;
  const buckets = BOUNDS.map(([upTo, boundMs]) => {
    const count = sorted.filter((ms) => ms > aboveMs && ms <= boundMs).length;
    aboveMs = boundMs;
    return { upTo, count };
  });
  const percentiles = { p50Ms: rank(0.5), p90Ms: rank(0.9), p99Ms: rank(0.99), maxMs: rank(1) };
  return { count: sorted.length, ...percentiles, buckets };
}
