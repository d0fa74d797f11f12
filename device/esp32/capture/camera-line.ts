import { FRAME_BYTES_MAX, type MessageType } from "../../amb82-bridge/link/frame.ts";
import { LinkEndpoint, type LinkEvents } from "../../amb82-bridge/link/link-endpoint.ts";
import type { Hello, LinkMessage } from "../../amb82-bridge/link/link-messages.ts";
import {
  CAMERA_SILENCE_MS,
  LINK_BAUDS,
  LINK_BUFFER_BYTES,
  LINK_POLL_IDLE_MS,
  LINK_POLL_MS,
  WAKE_PULSE_MS,
} from "../limits.ts";
import type { Ports, TimerHandle } from "../ports.ts";
import {
  CAMERA_UNKNOWN,
  type CameraEffect,
  type CameraInput,
  type CameraPower,
  stepCamera,
} from "./camera-power.ts";

export type CameraLoss = "camera_unreachable" | "camera_silent";

/** What happens on the line to the camera, and who decides what it is for. */
export interface CameraWork {
  /** It is awake; again, when it restarted: it forgot what it was asked. */
  started(hello: Hello): void;
  lost(reason: CameraLoss): void;
  /** At each poll while it boots: time to make ready. */
  expected(): void;
  /** It sleeps as it was told. */
  slept(): void;
  received(type: MessageType, record: Record<string, unknown>): void;
  data(bytes: Uint8Array, start: number, end: number): void;
  roomBytes(): number;
  /** Data is on its way: a camera that has no room for it here says so again and again. */
  isReceiving(): boolean;
  /** At each poll: what is to be done now? */
  tick(nowMs: number): void;
}

interface LineIdentity {
  readonly firmwareVersion: string;
  readonly bootId: string;
}

/** The camera's power and its link: runs stepCamera on the real pins and wires, polled only while it is not asleep. */
export class CameraLine implements LinkEvents {
  readonly #ports: Pick<Ports, "time" | "wakeLine" | "cameraSupply" | "cameraWire">;
  readonly #work: CameraWork;
  readonly #identity: LineIdentity;
  /** With its buffers while the wire is open: most of the day nobody needs them. */
  #link: LinkEndpoint | undefined;
  #opened = 0;
  #polls: TimerHandle | undefined;
  #looks: TimerHandle | undefined;
  #power: CameraPower = CAMERA_UNKNOWN;
  #hello: Hello | undefined;
  #idleAtMs = 0;
  #sleeps = false;
  /** An erase would hold the processor, and with it the end of the pulse. */
  #pulsing = false;

  constructor(
    ports: Pick<Ports, "time" | "wakeLine" | "cameraSupply" | "cameraWire">,
    identity: LineIdentity,
    work: CameraWork,
  ) {
    this.#ports = ports;
    this.#identity = identity;
    this.#work = work;
  }

  get power(): CameraPower {
    return this.#power;
  }

  wake(): void {
    this.take({ kind: "wanted" });
  }

  /** The feeder has started: is the camera awake, with a still from before? */
  start(): void {
    this.take({ kind: "tick" });
  }

  /** It refuses to sleep and has nothing for us. */
  leaveAlone(): void {
    this.take({ kind: "left_alone" });
  }

  dismiss(): void {
    this.take({ kind: "finished" });
  }

  /** Its answer to the order to sleep. */
  sleepAnswered(ok: boolean): void {
    if (this.#power.kind !== "dismissing") return;
    if (!ok) return this.take({ kind: "sleep_refused" });
    // It waits for the acknowledgement, which leaves with this poll: the line is closed at the next.
    this.#sleeps = true;
  }

  /** False when the line is closed, the message too long, or too many wait: the camera is about to be given up. */
  send(type: MessageType, message: LinkMessage): boolean {
    return this.#link?.send(type, message) ?? false;
  }

  peerStarted(hello: Hello): void {
    this.#hello = hello;
    this.take({ kind: "hello" });
  }

  received(type: MessageType, record: Record<string, unknown>): void {
    this.#work.received(type, record);
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    this.#work.data(bytes, start, end);
  }

  roomBytes(): number {
    return this.#work.roomBytes();
  }

  /** The feeder sends no bulk. */
  peek(): boolean {
    return false;
  }

  advance(): void {}

  copy(): number {
    return 0;
  }

  private take(input: CameraInput): void {
    const hasSupply = this.#ports.cameraSupply !== undefined;
    const step = stepCamera(this.#power, input, hasSupply, this.#ports.time.monotonicMs());
    this.#power = step.state;
    for (const effect of step.effects) this.run(effect);
  }

  private run(effect: CameraEffect): void {
    switch (effect.kind) {
      case "open":
        this.#looks?.cancel();
        this.#sleeps = false;
        this.openLink();
        this.schedulePoll();
        break;
      case "pulse":
        this.pulse();
        break;
      case "supply":
        this.#ports.cameraSupply?.set(effect.on);
        break;
      case "started":
        if (this.#hello !== undefined) this.#work.started(this.#hello);
        break;
      case "dismiss":
        this.send("command", { op: "sleep" });
        break;
      case "close":
        this.#polls?.cancel();
        this.#ports.cameraWire.close();
        this.#link = undefined;
        this.planLook();
        this.#work.slept();
        break;
      case "lost":
        this.#work.lost(effect.reason);
        break;
    }
  }

  private openLink(): void {
    const { firmwareVersion: firmware, bootId } = this.#identity;
    this.#ports.cameraWire.open();
    this.#link = new LinkEndpoint(this.#ports.cameraWire, this, {
      firmware,
      capabilities: () => [],
      bauds: LINK_BAUDS,
      leadsRate: true,
      bufferBytes: LINK_BUFFER_BYTES,
      frameBytesMax: FRAME_BYTES_MAX,
    });
    this.#link.open(`${bootId}-${++this.#opened}`);
  }

  private pulse(): void {
    this.#pulsing = true;
    this.#ports.wakeLine.set(true);
    this.#ports.time.after(WAKE_PULSE_MS, () => {
      this.#ports.wakeLine.set(false);
      this.#pulsing = false;
    });
  }

  private planLook(): void {
    if (this.#power.kind !== "asleep" || this.#power.looks === 0) return;
    const delayMs = this.#power.lookAtMs - this.#ports.time.monotonicMs();
    this.#looks = this.#ports.time.after(delayMs, () => this.take({ kind: "tick" }));
  }

  private schedulePoll(): void {
    this.#polls = this.#ports.time.after(this.pollDelayMs(), () => this.poll());
  }

  private pollDelayMs(): number {
    return this.#power.kind === "awake" || this.#power.kind === "dismissing"
      ? LINK_POLL_MS
      : LINK_POLL_IDLE_MS;
  }

  private poll(): void {
    this.schedulePoll();
    if (this.#sleeps) return this.take({ kind: "dismissed" });
    const nowMs = this.#ports.time.monotonicMs();
    this.#link?.poll(nowMs);
    this.take({ kind: "tick" });
    if (this.#power.kind === "waking" && !this.#pulsing) this.#work.expected();
    if (this.#power.kind === "awake" && this.#link !== undefined) this.pollAwake(this.#link, nowMs);
    // What was decided just now leaves at once.
    this.#link?.poll(nowMs);
  }

  private pollAwake(link: LinkEndpoint, nowMs: number): void {
    // Silence counts from when there was something to answer: while it records nothing is said.
    if (link.idle && !this.#work.isReceiving()) this.#idleAtMs = nowMs;
    const silentMs = nowMs - Math.max(link.heardAtMs, this.#idleAtMs);
    if (silentMs >= CAMERA_SILENCE_MS) this.take({ kind: "gone" });
    else this.#work.tick(nowMs);
  }
}
