import { CLIP_AFTER_MS, STILL_EVERY_MS, STILLS_A_VISIT_MAX } from "../limits.ts";

/** What a visit has had of its stills and its clip. */
export interface ShotPlan {
  readonly captureId: string;
  readonly startedAtMs: number;
  readonly stills: number;
  readonly clipTaken: boolean;
  readonly departed: boolean;
}

export interface Shot {
  readonly op: "photo" | "clip";
  /** The visit's own for its first still; the others have it with `-2`, `-3`, `-clip` behind. */
  readonly captureId: string;
  readonly dueAtMs: number;
}

export function planVisit(captureId: string, nowMs: number): ShotPlan {
  return { captureId, startedAtMs: nowMs, stills: 0, clipTaken: false, departed: false };
}

/** A still at once, then one every STILL_EVERY_MS until the bird is gone; one clip. Undefined when all is taken. */
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

function nextStill({ captureId, startedAtMs, stills, departed }: ShotPlan): Shot | undefined {
  if (stills > 0 && (departed || stills >= STILLS_A_VISIT_MAX)) return undefined;
  return {
    op: "photo",
    captureId: stills === 0 ? captureId : `${captureId}-${stills + 1}`,
    dueAtMs: startedAtMs + stills * STILL_EVERY_MS,
  };
}

function nextClip({ captureId, startedAtMs, clipTaken }: ShotPlan): Shot | undefined {
  if (clipTaken) return undefined;
  return { op: "clip", captureId: `${captureId}-clip`, dueAtMs: startedAtMs + CLIP_AFTER_MS };
}
