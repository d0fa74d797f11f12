import type { DeviceConfig } from "../../../protocol/device-config.ts";
import { CLIP_AFTER_MS } from "../limits.ts";

export type ShotConfig = Pick<DeviceConfig, "stillEverySeconds" | "stillsPerVisit" | "clipSeconds">;

/** What a visit has had of its stills and its clip. It keeps the settings that it began with. */
export interface ShotPlan extends ShotConfig {
  readonly captureId: string;
  readonly startedAtMs: number;
  readonly stills: number;
  readonly clipTaken: boolean;
  readonly departed: boolean;
}

export interface Shot {
  readonly op: "photo" | "clip";
  /** Of a clip; 0 of a still. */
  readonly seconds: number;
  /** The visit's own for its first still; the others have it with `-2`, `-3`, `-clip` behind. */
  readonly captureId: string;
  readonly dueAtMs: number;
}

export function planVisit(captureId: string, config: ShotConfig, nowMs: number): ShotPlan {
  const { stillEverySeconds, stillsPerVisit, clipSeconds } = config;
  return {
    ...{ captureId, stillEverySeconds, stillsPerVisit, clipSeconds },
    ...{ startedAtMs: nowMs, stills: 0, clipTaken: clipSeconds === 0, departed: false },
  };
}

/** A still at once, then one every `stillEverySeconds` until the bird is gone; one clip. Undefined when all is taken. */
export function nextShot(plan: ShotPlan): Shot | undefined {
  const still = nextStill(plan);
  const clip = nextClip(plan);
  if (still === undefined || clip === undefined) return still ?? clip;
  return still.dueAtMs <= clip.dueAtMs ? still : clip;
}

/** The plan behind `shot`, whether it was taken or failed. */
export function afterShot(plan: ShotPlan, shot: Shot): ShotPlan {
  return shot.op === "clip" ? { ...plan, clipTaken: true } : { ...plan, stills: plan.stills + 1 };
}

function nextStill(plan: ShotPlan): Shot | undefined {
  const { captureId, startedAtMs, stills, departed, stillEverySeconds, stillsPerVisit } = plan;
  if (stills > 0 && (departed || stills >= stillsPerVisit)) return undefined;
  return {
    op: "photo",
    seconds: 0,
    captureId: stills === 0 ? captureId : `${captureId}-${stills + 1}`,
    dueAtMs: startedAtMs + stills * stillEverySeconds * 1_000,
  };
}

function nextClip({
  captureId,
  startedAtMs,
  clipSeconds: seconds,
  clipTaken,
}: ShotPlan): Shot | undefined {
  if (clipTaken) return undefined;
  const dueAtMs = startedAtMs + CLIP_AFTER_MS;
  return { op: "clip", seconds, captureId: `${captureId}-clip`, dueAtMs };
}
