import type { CaptureFailure } from "../../../protocol/room-messages.ts";
import {
  CAMERA_OFFER_MS,
  CAMERA_WAKE_LEAD_MS,
  CAPTURES_REMEMBERED_MAX,
  SHOTS_AGAIN_MAX,
} from "../limits.ts";
import {
  afterShot,
  nextShot,
  planVisit,
  type Shot,
  type ShotConfig,
  type ShotPlan,
} from "./shot-plan.ts";

/** Told once for each shot. A clip counts as taken when the camera offers it. */
export type ShotEnded = (
  shot: { readonly captureId: string; readonly op: "photo" | "clip"; readonly latencyMs: number },
  failure: CaptureFailure | undefined,
) => void;

interface Asked {
  readonly shot: Shot;
  readonly deadlineMs: number;
}

/** What is to be taken, what the camera was asked for, and how each shot ended: said once, whatever comes later. */
export class Shots {
  readonly #config: ShotConfig;
  readonly #ended: ShotEnded;
  #plan: ShotPlan | undefined;
  #asked: Asked | undefined;
  /** Before the plan: what a restart of the camera lost, and the first still of a visit that another one overtook. */
  readonly #again: Shot[] = [];
  readonly #underWay = new Map<string, Shot>();
  readonly #reported: string[] = [];

  constructor(config: ShotConfig, ended: ShotEnded) {
    this.#config = config;
    this.#ended = ended;
  }

  get asked(): Shot | undefined {
    return this.#asked?.shot;
  }

  /** The visit before has had its time, but it keeps its first still. */
  visit(captureId: string, nowMs: number): void {
    const overtaken = this.#plan?.stills === 0 ? nextShot(this.#plan) : undefined;
    if (overtaken !== undefined) this.takeAgain(overtaken, nowMs);
    this.#plan = planVisit(captureId, this.#config, nowMs);
  }

  departed(): void {
    if (this.#plan !== undefined) this.#plan = { ...this.#plan, departed: true };
  }

  /** The camera makes none. */
  withoutClip(): void {
    if (this.#plan !== undefined) this.#plan = { ...this.#plan, clipTaken: true };
  }

  next(): Shot | undefined {
    if (this.#again.length > 0) return this.#again[0];
    return this.#plan === undefined ? undefined : nextShot(this.#plan);
  }

  /** The shot to ask for now; undefined while the camera is at one, or none is due. */
  takeDue(nowMs: number): Shot | undefined {
    const shot = this.next();
    if (this.#asked !== undefined || shot === undefined || shot.dueAtMs > nowMs) return undefined;
    if (this.#again.shift() === undefined && this.#plan !== undefined) {
      this.#plan = afterShot(this.#plan, shot);
    }
    return shot;
  }

  ask(shot: Shot, nowMs: number): void {
    this.#asked = { shot, deadlineMs: nowMs + shot.seconds * 1_000 + CAMERA_OFFER_MS };
    this.#underWay.set(shot.captureId, shot);
  }

  offered(captureId: string): void {
    if (captureId === this.#asked?.shot.captureId) this.#asked = undefined;
  }

  /** The camera lost these in a restart. */
  lostInRestart(captureIds: readonly string[], nowMs: number): void {
    for (const captureId of captureIds) {
      const shot = this.#underWay.get(captureId);
      if (shot !== undefined) this.takeAgain(shot, nowMs);
    }
  }

  tick(nowMs: number): void {
    if (this.#asked !== undefined && nowMs >= this.#asked.deadlineMs) this.failAsked(nowMs);
  }

  failAsked(nowMs: number): void {
    const shot = this.#asked?.shot;
    this.#asked = undefined;
    if (shot === undefined) return;
    this.end(shot, shot.op === "photo" ? "still_failed" : "clip_failed", nowMs);
  }

  /** One that fell silent may be back for the next shot; one that does not wake will not. */
  lost(reason: "camera_unreachable" | "camera_silent", nowMs: number): void {
    const failed = this.#again.splice(0);
    if (this.#asked !== undefined) failed.push(this.#asked.shot);
    this.#asked = undefined;
    if (reason === "camera_unreachable") {
      const next = this.next();
      if (next !== undefined && next.dueAtMs <= nowMs + CAMERA_WAKE_LEAD_MS) failed.push(next);
      this.#plan = undefined;
    }
    for (const shot of failed) this.fail(shot, reason, nowMs);
  }

  /** Also of a shot of an earlier start, which nobody asked for in this one. */
  end(
    { captureId, op }: Pick<Shot, "captureId" | "op">,
    failure: CaptureFailure | undefined,
    nowMs: number,
  ): void {
    const shot = this.#underWay.get(captureId);
    this.#underWay.delete(captureId);
    if (this.#reported.includes(captureId)) return;
    this.#reported.push(captureId);
    if (this.#reported.length > CAPTURES_REMEMBERED_MAX) this.#reported.shift();
    const latencyMs = Math.max(0, nowMs - (shot?.dueAtMs ?? nowMs));
    this.#ended({ captureId, op, latencyMs }, failure);
  }

  private takeAgain(shot: Shot, nowMs: number): void {
    if (this.#again.length === SHOTS_AGAIN_MAX) this.fail(shot, "camera_unreachable", nowMs);
    else this.#again.push(shot);
  }

  private fail(shot: Shot, reason: CaptureFailure, nowMs: number): void {
    this.#underWay.set(shot.captureId, shot);
    this.end(shot, reason, nowMs);
  }
}
