import type { FaultKind, FaultPlan } from "./faults/fault.ts";
import { auditHealth } from "./invariants/feeder-health.ts";
import { auditMedia } from "./invariants/kept-media.ts";
import { auditRoom } from "./invariants/room-audit.ts";
import type { RandomStream } from "./random.ts";
import type { Stage } from "./stage.ts";

/** What a story needs before it begins. */
export interface StageProps {
  readonly feeders?: number;
  /** The cameras make a clip of each visit. */
  readonly clips?: boolean;
  readonly nvs?: Readonly<Record<string, string>>;
}

/** A story: who is there, what happens, and what goes wrong. What must hold in the end holds for all of them. */
export interface Scenario {
  readonly about: string;
  /** Of virtual time. */
  readonly hours: number;
  readonly props?: (random: RandomStream) => StageProps;
  /** Drawn from the seed until `healedAtHours`; or the very plan. */
  readonly faults?:
    | {
        readonly kinds: readonly FaultKind[];
        readonly healedAtHours: number;
        /** Every kind in every run; otherwise the seed also draws which. */
        readonly always?: true;
      }
    | FaultPlan;
  /** Plans what happens. */
  play(stage: Stage, cast: Cast): void | Promise<void>;
  /** Beyond what always must hold: says what is wrong. */
  ending?(stage: Stage): string | undefined | Promise<string | undefined>;
}

/** What a story may call for. */
export interface Cast {
  readonly random: RandomStream;
  /** A release of this firmware, to publish. */
  image(version: string, sizeBytes?: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Everything that must hold in the end, of every feeder; the first that does not. */
export async function auditStage(stage: Stage): Promise<string | undefined> {
  for (const feeder of stage.feeders) {
    const { deviceId } = feeder;
    const wrong =
      auditHealth(stage, feeder) ??
      (await auditMedia(stage, feeder)) ??
      auditRoom(deviceId, stage.server.heard);
    if (wrong !== undefined) return `${deviceId}: ${wrong}`;
  }
  return undefined;
}
