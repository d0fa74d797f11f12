import type { DeviceConfig } from "../../../protocol/device-config.ts";
import type { MessageType } from "../../amb82-bridge/link/frame.ts";
import {
  type Command,
  type Hello,
  parseEnded,
  parseOffer,
  parseResult,
  type Result,
} from "../../amb82-bridge/link/link-messages.ts";
import {
  CAMERA_NAP_MS,
  CAMERA_OFFERS_MS,
  CAMERA_REFUSALS_MAX,
  CAMERA_WAKE_LEAD_MS,
} from "../limits.ts";
import type { Ports, TimerHandle } from "../ports.ts";
import { CameraLine, type CameraLoss, type CameraWork } from "./camera-line.ts";
import { CameraWifi } from "./camera-wifi.ts";
import type { ClipDelivery } from "./clip-delivery.ts";
import { ClipIntake, type ClipLink } from "./clip-intake.ts";
import type { Shot } from "./shot-plan.ts";
import { type ShotEnded, Shots } from "./shots.ts";
import { StillIntake } from "./still-intake.ts";
import type { StillSink } from "./still-sink.ts";

/** The camera through its visits: woken when a shot is due, asked, emptied, and asleep as soon as it has no work. */
export class CameraSession implements CameraWork, ClipLink {
  readonly #ports: Pick<Ports, "time" | "wakeLine" | "cameraSupply" | "cameraWire" | "log">;
  readonly #media: { readonly stills: StillSink; readonly clips: ClipDelivery };
  readonly #line: CameraLine;
  readonly #stills: StillIntake;
  readonly #clips: ClipIntake;
  readonly #wifi: CameraWifi;
  readonly #shots: Shots;
  readonly #config: DeviceConfig;
  #capabilities: readonly string[] = [];
  /** It may have something to offer that nobody asked for in this session. */
  #stayUntilMs = 0;
  #refusals = 0;
  #timer: TimerHandle | undefined;

  constructor(
    ports: Pick<Ports, "time" | "wakeLine" | "cameraSupply" | "cameraWire" | "log">,
    settings: {
      readonly firmwareVersion: string;
      readonly bootId: string;
      readonly config: DeviceConfig;
      readonly wifi: { readonly ssid: string; readonly password: string } | undefined;
    },
    media: { readonly stills: StillSink; readonly clips: ClipDelivery },
    ended: ShotEnded,
  ) {
    this.#ports = ports;
    this.#config = settings.config;
    this.#shots = new Shots(settings.config, ended);
    this.#media = media;
    this.#line = new CameraLine(ports, settings, this);
    const command = (command: Command) => this.#line.send("command", command);
    this.#wifi = new CameraWifi(settings.wifi, command, ports.log);
    this.#stills = new StillIntake(media.stills, this, (captureId, failure) => {
      this.#shots.end({ captureId, op: "photo" }, failure, this.nowMs());
      // Also of one whose end was told before: it was given up, and found again.
      if (failure === undefined) media.stills.stored();
    });
    this.#clips = new ClipIntake(media.clips, this);
  }

  /** Nothing is to be taken, and nothing to be had. */
  get isIdle(): boolean {
    const { kind } = this.#line.power;
    return (kind === "asleep" || kind === "resting") && this.#shots.next() === undefined;
  }

  /** Looks for a camera that is awake with a still from before the feeder's start. */
  start(): void {
    this.#line.start();
  }

  visit(captureId: string): void {
    this.#shots.visit(captureId, this.nowMs());
    if (this.#line.power.kind === "awake") this.planClips();
    this.planWake();
  }

  departed(): void {
    this.#shots.departed();
  }

  started({ capabilities }: Hello): void {
    this.#capabilities = capabilities;
    this.#stayUntilMs = this.nowMs() + CAMERA_OFFERS_MS;
    this.#refusals = 0;
    this.#stills.cameraStarted();
    this.#clips.cameraStarted();
    this.#wifi.cameraStarted(capabilities);
    this.planClips();
    // It knows nothing of what it was asked before.
    if (this.#shots.asked !== undefined) this.ask(this.#shots.asked);
  }

  lost(reason: CameraLoss): void {
    this.#stills.abandon(reason);
    this.#clips.abandon();
    this.#wifi.abandon();
    this.#shots.lost(reason, this.nowMs());
  }

  expected(): void {
    this.#media.stills.prepare();
  }

  slept(): void {
    this.planWake();
  }

  received(type: MessageType, record: Record<string, unknown>): void {
    if (type === "offer") this.offered(record);
    if (type === "cancel") this.withdrawn(record);
    if (type !== "result") return;
    const result = parseResult(record);
    if (result !== undefined) this.resulted(result);
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
    this.#shots.lostInRestart(this.#stills.takeLost(nowMs), nowMs);
    this.#shots.tick(nowMs);
    const due = this.#shots.takeDue(nowMs);
    if (due !== undefined) this.ask(due);
    if (this.isWorking() || nowMs < this.#stayUntilMs) return;
    if (this.#wifi.begin(nowMs)) return;
    const next = this.#shots.next();
    if (next === undefined || next.dueAtMs - nowMs >= CAMERA_NAP_MS) this.#line.dismiss();
  }

  nowMs(): number {
    return this.#ports.time.monotonicMs();
  }

  read(id: number, fileOffsetBytes: number): void {
    this.#line.send("read", { id, fileOffsetBytes });
  }

  finish(id: number): void {
    this.#line.send("done", { id });
  }

  cancel(id: number): void {
    this.#line.send("cancel", { id });
  }

  stillsDone(): void {
    this.#clips.resume();
  }

  stillsBusy(): boolean {
    return this.#stills.busy;
  }

  canUpload(): boolean {
    return this.#capabilities.includes("wifi") || this.#wifi.given;
  }

  upload(id: number, url: string, headers: readonly (readonly [string, string])[]): boolean {
    return this.#line.send("command", { op: "upload", id, url, headers });
  }

  private isWorking(): boolean {
    const asked = this.#shots.asked !== undefined;
    return asked || this.#stills.busy || this.#clips.busy || this.#wifi.busy;
  }

  private planClips(): void {
    if (!this.#capabilities.includes("clip")) this.#shots.withoutClip();
  }

  private ask(shot: Shot): void {
    this.#shots.ask(shot, this.nowMs());
    const { op, captureId, seconds } = shot;
    const { jpegQuality: quality } = this.#config;
    const command: Command =
      op === "photo" ? { op, captureId, quality } : { op, captureId, seconds, quality };
    this.#line.send("command", command);
  }

  private offered(record: Record<string, unknown>): void {
    const offer = parseOffer(record);
    if (offer === undefined) return this.refuse(record);
    this.#shots.offered(offer.captureId);
    if (offer.kind === "still") return this.#stills.offered(offer);
    const failure = this.#clips.offered(offer) ? undefined : "clip_failed";
    this.#shots.end({ captureId: offer.captureId, op: "clip" }, failure, this.nowMs());
  }

  private withdrawn(record: Record<string, unknown>): void {
    const object = parseEnded(record);
    if (object === undefined) return;
    this.#stills.withdrawn(object.id);
    this.#clips.withdrawn(object.id);
  }

  /** Not an offer that could be stored: the camera must not hold it for ever. */
  private refuse(record: Record<string, unknown>): void {
    const object = parseEnded(record);
    if (object !== undefined) this.#line.send("cancel", object);
  }

  private resulted(result: Result): void {
    const { op, captureId, ok } = result;
    if (op === "upload") this.uploaded(result);
    else if (op.startsWith("wifi")) this.#wifi.result(result);
    else if (op === "sleep") this.sleepAnswered(ok);
    else if (!ok && captureId === this.#shots.asked?.captureId) {
      this.#shots.failAsked(this.nowMs());
    }
  }

  private uploaded(result: Result): void {
    if (result.reason === "join_failed") this.#wifi.joinFailed();
    this.#clips.result(result);
  }

  private sleepAnswered(ok: boolean): void {
    this.#stayUntilMs = this.nowMs() + CAMERA_OFFERS_MS;
    this.#line.sleepAnswered(ok);
    if (!ok && ++this.#refusals >= CAMERA_REFUSALS_MAX) this.#line.leaveAlone();
  }

  /** Asleep: up again in time for the next shot. */
  private planWake(): void {
    this.#timer?.cancel();
    const { power } = this.#line;
    const shot = this.#shots.next();
    if (shot === undefined || !ASLEEP.includes(power.kind)) return;
    const readyAtMs = power.kind === "asleep" ? power.readyAtMs : 0;
    const wakeAtMs = Math.max(shot.dueAtMs - CAMERA_WAKE_LEAD_MS, readyAtMs);
    const delayMs = wakeAtMs - this.nowMs();
    if (delayMs <= 0) return this.#line.wake();
    this.#timer = this.#ports.time.after(delayMs, () => this.planWake());
  }
}

/** Or thought to be. */
const ASLEEP: readonly string[] = ["asleep", "resting", "listening"];
