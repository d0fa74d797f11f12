import type { CaptureFailure } from "../../../protocol/room-messages.ts";
import type { Offer } from "../../amb82-bridge/link/link-messages.ts";
import { ObjectReceiver } from "../../amb82-bridge/link/object-receiver.ts";
import { CAMERA_OFFER_AGAIN_MS, STILLS_OFFERED_MAX } from "../limits.ts";
import type { MediaLink } from "./media-link.ts";
import type { StillSink } from "./still-sink.ts";

/** Once for each still that was offered: stored, or why not. */
export type StillEnded = (captureId: string, failure: CaptureFailure | undefined) => void;

/** Takes offered stills into the sink, one after the other. */
export class StillIntake {
  readonly #sink: StillSink;
  readonly #link: MediaLink;
  readonly #ended: StillEnded;
  readonly #waiting: Offer[] = [];
  #receiver: ObjectReceiver | undefined;
  /** The camera started anew: it must offer the still again by then. */
  #offerAgainByMs = Number.POSITIVE_INFINITY;

  constructor(sink: StillSink, link: MediaLink, ended: StillEnded) {
    this.#sink = sink;
    this.#link = link;
    this.#ended = ended;
  }

  get busy(): boolean {
    return this.#receiver !== undefined;
  }

  offered(offer: Offer): void {
    if (this.#resumes(offer)) return;
    if (this.#waiting.length < STILLS_OFFERED_MAX) this.#waiting.push(offer);
    this.#next();
  }

  /** False for data of another object. */
  data(bytes: Uint8Array, start: number, end: number): boolean {
    const progress = this.#receiver?.take(bytes, start, end) ?? "unexpected";
    if (progress === "whole") this.#whole();
    return progress !== "unexpected";
  }

  /** The camera started anew; what it still holds it offers again. */
  cameraStarted(nowMs: number): void {
    this.#waiting.length = 0;
    if (this.busy) this.#offerAgainByMs = nowMs + CAMERA_OFFER_AGAIN_MS;
  }

  /** Answers the capture whose still is lost for good: the camera may be asked for it again. */
  takeLost(nowMs: number): string | undefined {
    if (nowMs < this.#offerAgainByMs) return undefined;
    const lost = this.#receiver?.offer.captureId;
    this.#drop();
    return lost;
  }

  /** The camera is gone. */
  abandon(reason: CaptureFailure): void {
    this.#waiting.length = 0;
    const captureId = this.#receiver?.offer.captureId;
    this.#drop();
    if (captureId !== undefined) this.#ended(captureId, reason);
  }

  #resumes(offer: Offer): boolean {
    const receiver = this.#receiver;
    if (receiver === undefined || receiver.offer.sha256 !== offer.sha256) return false;
    this.#offerAgainByMs = Number.POSITIVE_INFINITY;
    this.#read(offer, receiver.fileOffsetBytes);
    return true;
  }

  #next(): void {
    while (!this.busy) {
      const offer = this.#waiting.shift();
      if (offer === undefined) return this.#link.stillsDone();
      this.#begin(offer);
    }
  }

  #begin(offer: Offer): void {
    if (this.#sink.holds(offer)) return this.#link.finish(offer.id);
    const refusal = this.#sink.begin(offer);
    if (refusal === undefined) return this.#read(offer, 0);
    this.#link.cancel(offer.id);
    this.#ended(offer.captureId, refusal);
  }

  #read(offer: Offer, fileOffsetBytes: number): void {
    this.#receiver = new ObjectReceiver(offer, this.#sink, fileOffsetBytes);
    this.#link.read(offer.id, fileOffsetBytes);
  }

  #whole(): void {
    const offer = this.#receiver?.offer;
    this.#receiver = undefined;
    if (offer === undefined) return;
    const failure = this.#sink.commit();
    this.#link.finish(offer.id);
    this.#ended(offer.captureId, failure);
    this.#next();
  }

  #drop(): void {
    if (this.#receiver !== undefined) this.#sink.abort();
    this.#receiver = undefined;
    this.#offerAgainByMs = Number.POSITIVE_INFINITY;
  }
}
