import type { CaptureFailure } from "../../../protocol/room-messages.ts";
import { FRAME_TYPE, type FrameType } from "../../amb82-bridge/link/frame.ts";
import { LinkEndpoint } from "../../amb82-bridge/link/link-endpoint.ts";
import { decodeOffer } from "../../amb82-bridge/link/link-messages.ts";
import { ObjectReceiver } from "../../amb82-bridge/link/object-receiver.ts";
import { UART_POLL_MS, UART_POLL_WAKING_MS, UART_READ_BYTES, WAKE_PULSE_MS } from "../limits.ts";
import type { Ports, TimerHandle } from "../ports.ts";
import {
  type CameraEffect,
  type CameraInput,
  type CameraState,
  stepCamera,
} from "./camera-state.ts";
import type { StillSink } from "./still-sink.ts";

type CameraPorts = Pick<Ports, "time" | "wakeLine" | "cameraUart">;

/** Runs stepCamera on the real line: one still a visit, polled only while the camera is awake for us. */
export class CameraSession {
  readonly #ports: CameraPorts;
  readonly #sink: StillSink;
  readonly #link: LinkEndpoint;
  readonly #bytes = new Uint8Array(UART_READ_BYTES);
  readonly #bootId: string;
  #opened = 0;
  #polls: TimerHandle | undefined;
  #state: CameraState = { kind: "asleep" };
  #captureId = "";
  #ended: (failure: CaptureFailure | undefined) => void = () => {};
  #receiver: ObjectReceiver | undefined;

  constructor(
    ports: CameraPorts,
    identity: { readonly firmwareVersion: string; readonly bootId: string },
    sink: StillSink,
  ) {
    this.#ports = ports;
    this.#bootId = identity.bootId;
    this.#sink = sink;
    const wire = {
      write: (bytes: Uint8Array, length: number) => ports.cameraUart.write(bytes, length),
    };
    const events = {
      peerStarted: () => this.#take({ kind: "hello" }),
      received: (type: FrameType, frame: Uint8Array, start: number, end: number) =>
        this.#received(type, frame, start, end),
      nextData: () => 0,
    };
    this.#link = new LinkEndpoint(wire, events, identity.firmwareVersion);
  }

  /** `ended` is called once: with no failure the still is in the sink. */
  photograph(captureId: string, ended: (failure: CaptureFailure | undefined) => void): void {
    if (this.#state.kind !== "asleep") return ended("camera_busy");
    this.#captureId = captureId;
    this.#ended = ended;
    this.#take({ kind: "visit" });
  }

  #take(input: CameraInput): void {
    const step = stepCamera(this.#state, input, this.#ports.time.monotonicMs());
    this.#state = step.state;
    for (const effect of step.effects) this.#run(effect);
  }

  #run(effect: CameraEffect): void {
    switch (effect.kind) {
      case "open":
        this.#ports.cameraUart.open();
        this.#link.open(`${this.#bootId}-${++this.#opened}`);
        this.#schedulePoll();
        break;
      case "wake":
        this.#ports.wakeLine.set(true);
        this.#ports.time.after(WAKE_PULSE_MS, () => this.#ports.wakeLine.set(false));
        break;
      case "ask":
        this.#link.send(FRAME_TYPE.command, { op: "photo", captureId: this.#captureId });
        break;
      case "forget":
        this.#receiver = undefined;
        this.#sink.abort();
        break;
      case "dismiss":
        this.#link.send(FRAME_TYPE.command, { op: "sleep" });
        break;
      case "close":
        this.#ports.cameraUart.close();
        break;
      case "failed":
        this.#ended(effect.reason);
        break;
    }
  }

  #schedulePoll(): void {
    const delayMs = this.#state.kind === "waking" ? UART_POLL_WAKING_MS : UART_POLL_MS;
    this.#polls = this.#ports.time.after(delayMs, () => this.#poll());
  }

  #poll(): void {
    this.#schedulePoll();
    const nowMs = this.#ports.time.monotonicMs();
    for (;;) {
      const length = this.#ports.cameraUart.read(this.#bytes);
      this.#link.receive(this.#bytes, length, nowMs);
      if (length < this.#bytes.length) break;
    }
    this.#link.poll(nowMs);
    this.#judge(nowMs);
    if (this.#state.kind === "asleep") this.#polls?.cancel();
  }

  #judge(nowMs: number): void {
    if (this.#state.kind === "dismissing" && this.#link.idle) this.#take({ kind: "dismissed" });
    if (this.#state.kind !== "asleep" && nowMs >= this.#state.deadlineMs) {
      this.#take({ kind: "deadline" });
    }
  }

  #received(type: FrameType, frame: Uint8Array, start: number, end: number): void {
    if (type === FRAME_TYPE.offer) this.#offered(frame, start, end);
    else if (type === FRAME_TYPE.data) this.#data(frame, start, end);
  }

  #offered(frame: Uint8Array, start: number, end: number): void {
    const offer = decodeOffer(frame, start, end);
    if (this.#state.kind !== "asking" || offer?.captureId !== this.#captureId) return;
    const refusal = this.#sink.begin(offer);
    if (refusal !== undefined) return this.#take({ kind: "refused", reason: refusal });
    this.#receiver = new ObjectReceiver(offer, this.#sink);
    this.#link.send(FRAME_TYPE.read, { id: offer.id, fileOffsetBytes: 0 });
    this.#take({ kind: "offered" });
  }

  #data(frame: Uint8Array, start: number, end: number): void {
    const progress = this.#receiver?.take(frame, start, end) ?? "unexpected";
    if (progress === "more") this.#take({ kind: "progress" });
    if (progress === "whole") this.#whole();
  }

  #whole(): void {
    const id = this.#receiver?.offer.id ?? 0;
    const failure = this.#sink.commit();
    this.#receiver = undefined;
    this.#link.send(FRAME_TYPE.done, { id, ok: failure === undefined });
    if (failure !== undefined) return this.#take({ kind: "refused", reason: failure });
    this.#take({ kind: "stored" });
    this.#ended(undefined);
  }
}
