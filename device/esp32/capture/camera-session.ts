import type { CaptureFailure } from "../../../protocol/room-messages.ts";
import type { MessageType } from "../../amb82-bridge/link/frame.ts";
import {
  type Command,
  type Hello,
  parseOffer,
  parseResult,
  type Result,
} from "../../amb82-bridge/link/link-messages.ts";
import {
  CAMERA_NAP_MS,
  CAMERA_OFFER_MS,
  CAMERA_OFFERS_MS,
  CAMERA_WAKE_LEAD_MS,
  CLIP_SECONDS,
} from "../limits.ts";
import type { Ports, TimerHandle } from "../ports.ts";
import { CameraLine, type CameraLoss, type CameraWork } from "./camera-line.ts";
import { CameraWifi } from "./camera-wifi.ts";
import type { ClipDelivery } from "./clip-delivery.ts";
import { ClipIntake } from "./clip-intake.ts";
import { afterShot, nextShot, planVisit, type Shot, type ShotPlan } from "./shot-plan.ts";
import { StillIntake } from "./still-intake.ts";
import type { StillSink } from "./still-sink.ts";

/** Told once for each shot. A clip counts as taken when the camera offers it. */
export type ShotEnded = (
  shot: { readonly captureId: string; readonly op: "photo" | "clip"; readonly latencyMs: number },
  failure: CaptureFailure | undefined,
) => void;

interface Asked {
  readonly shot: Shot;
  readonly deadlineMs: number;
}

/** The camera through its visits: woken when a shot is due, asked, emptied, and asleep as soon as it has no work. */
export class CameraSession implements CameraWork {
  readonly #ports: Pick<Ports, "time" | "wakeLine" | "cameraSupply" | "cameraWire" | "log">;
  readonly #ended: ShotEnded;
  readonly #media: { readonly stills: StillSink; readonly clips: ClipDelivery };
  readonly #line: CameraLine;
  readonly #stills: StillIntake;
  readonly #clips: ClipIntake;
  readonly #wifi: CameraWifi;
  #plan: ShotPlan | undefined;
  #asked: Asked | undefined;
  /** A shot whose still the camera lost in a restart. */
  #again: Shot | undefined;
  /** When the shots that are on their way were due. */
  readonly #underWay = new Map<string, Shot>();
  #capabilities: readonly string[] = [];
  /** It may have something to offer that nobody asked for in this session. */
  #stayUntilMs = 0;
  #timer: TimerHandle | undefined;

  constructor(
    ports: Pick<Ports, "time" | "wakeLine" | "cameraSupply" | "cameraWire" | "log">,
    settings: {
      readonly firmwareVersion: string;
      readonly bootId: string;
      readonly wifi: { readonly ssid: string; readonly password: string } | undefined;
    },
    media: { readonly stills: StillSink; readonly clips: ClipDelivery },
    ended: ShotEnded,
  ) {
    this.#ports = ports;
    this.#ended = ended;
    this.#media = media;
    this.#line = new CameraLine(ports, settings, this);
    const command = (command: Command) => this.#line.send("command", command);
    this.#wifi = new CameraWifi(settings.wifi, command, ports.log);
    const link = {
      read: (id: number, fileOffsetBytes: number) =>
        this.#line.send("read", { id, fileOffsetBytes }),
      finish: (id: number) => this.#line.send("done", { id }),
      cancel: (id: number) => this.#line.send("cancel", { id }),
      stillsDone: () => this.#clips.resume(),
      canUpload: () => this.#capabilities.includes("wifi") || this.#wifi.given,
      upload: (id: number, url: string, headers: readonly (readonly [string, string])[]) =>
        command({ op: "upload", id, url, headers }),
      nowMs: () => ports.time.monotonicMs(),
    };
    this.#stills = new StillIntake(media.stills, link, (id, failure) => this.#end(id, failure));
    this.#clips = new ClipIntake(media.clips, link);
  }

  /** Looks for a camera that is awake with a still from before the feeder's start. */
  start(): void {
    this.#line.start();
  }

  /** A bird has come. What is left of the visit before is not taken any more. */
  visit(captureId: string): void {
    this.#plan = planVisit(captureId, this.#ports.time.monotonicMs());
    this.#planWake();
  }

  departed(): void {
    if (this.#plan !== undefined) this.#plan = { ...this.#plan, departed: true };
  }

  started({ capabilities }: Hello): void {
    const nowMs = this.#ports.time.monotonicMs();
    this.#capabilities = capabilities;
    this.#stayUntilMs = nowMs + CAMERA_OFFERS_MS;
    this.#stills.cameraStarted(nowMs);
    this.#clips.cameraStarted(nowMs);
    this.#wifi.cameraStarted(capabilities);
    if (this.#plan !== undefined && !capabilities.includes("clip")) {
      this.#plan = { ...this.#plan, clipTaken: true };
    }
    // It knows nothing of what it was asked before.
    if (this.#asked !== undefined) this.#ask(this.#asked.shot, nowMs);
  }

  lost(reason: CameraLoss): void {
    this.#stills.abandon(reason);
    this.#clips.abandon();
    this.#wifi.abandon();
    const nowMs = this.#ports.time.monotonicMs();
    const shot = this.#asked?.shot ?? this.#again ?? this.#dueShot(nowMs + CAMERA_WAKE_LEAD_MS);
    this.#asked = undefined;
    this.#again = undefined;
    // One that fell silent may be back for the next shot; one that does not wake will not.
    if (reason === "camera_unreachable") this.#plan = undefined;
    if (shot === undefined) return;
    this.#underWay.set(shot.captureId, shot);
    this.#end(shot.captureId, reason);
  }

  expected(): void {
    this.#media.stills.prepare();
  }

  slept(): void {
    this.#planWake();
  }

  received(type: MessageType, record: Record<string, unknown>): void {
    if (type === "offer") this.#offered(record);
    if (type !== "result") return;
    const result = parseResult(record);
    if (result !== undefined) this.#resulted(result);
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    if (!this.#stills.data(bytes, start, end)) this.#clips.data(bytes, start, end);
  }

  /** A still goes to flash as it comes; a clip only as fast as the network takes it. */
  roomBytes(): number {
    return this.#clips.streaming && !this.#stills.busy ? this.#clips.roomBytes : 0xffff;
  }

  isReceiving(): boolean {
    return this.#stills.busy || this.#clips.streaming;
  }

  tick(nowMs: number): void {
    this.#clips.tick(nowMs);
    this.#wifi.tick(nowMs);
    const lost = this.#stills.takeLost(nowMs);
    if (lost !== undefined) this.#again = this.#underWay.get(lost);
    if (this.#asked !== undefined && nowMs >= this.#asked.deadlineMs) this.#failAsked();
    if (this.#asked === undefined) this.#askNext(nowMs);
    if (this.#isWorking() || nowMs < this.#stayUntilMs) return;
    if (this.#wifi.begin(nowMs)) return;
    const next = this.#nextShot();
    if (next === undefined || next.dueAtMs - nowMs >= CAMERA_NAP_MS) this.#line.dismiss();
  }

  #isWorking(): boolean {
    return this.#asked !== undefined || this.#stills.busy || this.#clips.busy || this.#wifi.busy;
  }

  #askNext(nowMs: number): void {
    const shot = this.#again ?? this.#dueShot(nowMs);
    if (shot === undefined) return;
    if (this.#again === undefined && this.#plan !== undefined) {
      this.#plan = afterShot(this.#plan, shot);
    }
    this.#again = undefined;
    this.#ask(shot, nowMs);
  }

  #nextShot(): Shot | undefined {
    return this.#plan === undefined ? undefined : nextShot(this.#plan);
  }

  #dueShot(nowMs: number): Shot | undefined {
    const shot = this.#nextShot();
    return shot !== undefined && shot.dueAtMs <= nowMs ? shot : undefined;
  }

  #ask(shot: Shot, nowMs: number): void {
    const { captureId } = shot;
    const recordingMs = shot.op === "clip" ? CLIP_SECONDS * 1000 : 0;
    this.#asked = { shot, deadlineMs: nowMs + recordingMs + CAMERA_OFFER_MS };
    this.#underWay.set(captureId, shot);
    const command: Command =
      shot.op === "photo"
        ? { op: "photo", captureId }
        : { op: "clip", captureId, seconds: CLIP_SECONDS };
    this.#line.send("command", command);
  }

  #offered(record: Record<string, unknown>): void {
    const offer = parseOffer(record);
    if (offer === undefined) return;
    if (offer.captureId === this.#asked?.shot.captureId) this.#asked = undefined;
    if (offer.kind === "still") return this.#stills.offered(offer);
    this.#end(offer.captureId, undefined);
    this.#clips.offered(offer);
  }

  #resulted(result: Result): void {
    const { op, captureId, ok } = result;
    if (op === "upload") this.#uploaded(result);
    else if (op.startsWith("wifi")) this.#wifi.result(result);
    else if (op === "sleep") this.#sleepAnswered(ok);
    else if (!ok && captureId === this.#asked?.shot.captureId) this.#failAsked();
  }

  #uploaded(result: Result): void {
    if (result.reason === "join_failed") this.#wifi.joinFailed();
    this.#clips.result(result);
  }

  #sleepAnswered(ok: boolean): void {
    this.#stayUntilMs = this.#ports.time.monotonicMs() + CAMERA_OFFERS_MS;
    this.#line.sleepAnswered(ok);
  }

  #failAsked(): void {
    const shot = this.#asked?.shot;
    this.#asked = undefined;
    if (shot === undefined) return;
    this.#end(shot.captureId, shot.op === "photo" ? "still_failed" : "clip_failed");
  }

  #end(captureId: string, failure: CaptureFailure | undefined): void {
    const shot = this.#underWay.get(captureId);
    this.#underWay.delete(captureId);
    const nowMs = this.#ports.time.monotonicMs();
    const latencyMs = Math.max(0, nowMs - (shot?.dueAtMs ?? nowMs));
    this.#ended({ captureId, op: shot?.op ?? "photo", latencyMs }, failure);
  }

  /** Asleep: up again in time for the next shot. */
  #planWake(): void {
    this.#timer?.cancel();
    const { power } = this.#line;
    const shot = this.#nextShot();
    if (shot === undefined || (power.kind !== "asleep" && power.kind !== "resting")) return;
    const readyAtMs = power.kind === "asleep" ? power.readyAtMs : 0;
    const wakeAtMs = Math.max(shot.dueAtMs - CAMERA_WAKE_LEAD_MS, readyAtMs);
    const delayMs = wakeAtMs - this.#ports.time.monotonicMs();
    if (delayMs <= 0) return this.#line.wake();
    this.#timer = this.#ports.time.after(delayMs, () => this.#planWake());
  }
}
