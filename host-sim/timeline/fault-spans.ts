import type { Fault, FaultPlan } from "../faults/fault.ts";
import type { Stage } from "../stage.ts";

/** When one thing goes wrong, and for whom; a moment when it begins and ends at once. */
export interface FaultSpan {
  readonly kind: string;
  readonly details: string;
  /** Undefined: for all, it is the server's or the way's to it. */
  readonly deviceId?: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export function faultSpans({ feeders }: Pick<Stage, "feeders">, plan: FaultPlan): FaultSpan[] {
  return plan.flatMap((fault) => {
    if (!("feeder" in fault)) return [spanOf(fault)];
    const deviceId = feeders[fault.feeder]?.deviceId;
    return deviceId === undefined ? [] : [{ ...spanOf(fault), deviceId }];
  });
}

function spanOf(fault: Fault): FaultSpan {
  const forMs = "forMs" in fault ? fault.forMs : 0;
  return {
    kind: fault.kind.replaceAll("_", " "),
    details: detailsOf(fault),
    fromMs: fault.atMs,
    toMs: fault.atMs + forMs,
  };
}

/** What a kind has beyond where and when. */
function detailsOf(fault: Fault): string {
  const known = new Set(["kind", "feeder", "atMs", "forMs"]);
  return Object.entries(fault)
    .filter(([name, value]) => !known.has(name) && value !== 0)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}
