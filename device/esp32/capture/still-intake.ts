import type { CaptureFailure } from "../../../protocol/room-messages.ts";
import type { Offer } from "../../amb82-bridge/link/link-messages.ts";
import { isSameObject } from "../../amb82-bridge/link/link-messages.ts";
import { ObjectReceiver } from "../../amb82-bridge/link/object-receiver.ts";
import { CAMERA_OFFER_AGAIN_MS, STILL_STALLED_MS, STILLS_OFFERED_MAX } from "../limits.ts";
import type { MediaLink } from "./media-link.ts";
import type { StillSink } from "./still-sink.ts";

/** Once for each still that was offered: stored, or why not. */
export type StillEnded = (captureId: string, failure: CaptureFailure | undefined) => void;

/** Takes offered stills into the sink, one after the other. */
export class StillIntake {
  readonly #sink: StillSink;
  readonly #link: MediaLink;
  readonly #ended: StillEnded;
  #waiting: Offer[] = [];
  /** Offered before the camera started anew, and not again since. */
  #missing: Offer[] = [];
  #receiver: ObjectReceiver | undefined;
  /** The receiver's still is one of the missing. */
  #suspended = false;
  #offerAgainByMs = Number.POSITIVE_INFINITY;
  #progressAtMs = 0;

  constructor(sink: StillSink, link: MediaLink, ended: StillEnded) {
    this.#sink = sink;
    this.#link = link;
    this.#ended = ended;
  }

  get busy(): boolean {
    return this.#receiver !== undefined || this.#missing.length > 0;
  }

  offered(offer: Offer): void {
    this.#missing = this.#missing.filter((missing) => !isSameObject(missing, offer));
    if (this.resumes(offer)) return;
    if (this.#waiting.length === STILLS_OFFERED_MAX) return this.#link.cancel(offer.id);
    this.#waiting.push(offer);
    this.next();
  }

  /** False for data of another object. */
  data(bytes: Uint8Array, start: number, end: number): boolean {
    const progress = this.#receiver?.take(bytes, start, end) ?? "unexpected";
    if (progress !== "unexpected") this.#progressAtMs = this.#link.nowMs();
    if (progress === "whole") this.whole();
    return progress !== "unexpected";
  }

  /** The camera has not got it any more. */
  withdrawn(id: number): void {
    const gone = this.#waiting.filter((offer) => offer.id === id);
    this.#waiting = this.#waiting.filter((offer) => offer.id !== id);
    for (const { captureId } of gone) this.#ended(captureId, "still_failed");
    if (this.#receiver?.offer.id !== id) return;
    for (const captureId of this.drop()) this.#ended(captureId, "still_failed");
    this.next();
  }

  /** The camera started anew; what it still holds it offers again. */
  cameraStarted(): void {
    this.#missing.push(...this.#waiting);
    this.#waiting = [];
    this.#suspended = this.#receiver !== undefined;
    if (this.busy) this.#offerAgainByMs = this.#link.nowMs() + CAMERA_OFFER_AGAIN_MS;
  }

  /** Answers the captures whose stills a restart has lost for good: the camera may be asked for them again. */
  takeLost(nowMs: number): string[] {
    if (nowMs < this.#offerAgainByMs) return this.takeStalled(nowMs);
    this.#offerAgainByMs = Number.POSITIVE_INFINITY;
    const lost = this.#missing.map(({ captureId }) => captureId);
    this.#missing = [];
    if (this.#suspended) lost.push(...this.drop());
    this.next();
    return lost;
  }

  /** The camera is gone. */
  abandon(reason: CaptureFailure): void {
    const gone = [...this.#missing, ...this.#waiting].map(({ captureId }) => captureId);
    this.#missing = [];
    this.#waiting = [];
    this.#offerAgainByMs = Number.POSITIVE_INFINITY;
    for (const captureId of [...this.drop(), ...gone]) this.#ended(captureId, reason);
  }

  private resumes(offer: Offer): boolean {
    const receiver = this.#receiver;
    if (receiver === undefined || !isSameObject(receiver.offer, offer)) return false;
    this.#suspended = false;
    this.read(offer, receiver.fileOffsetBytes);
    return true;
  }

  private next(): void {
    while (this.#receiver === undefined) {
      const offer = this.#waiting.shift();
      if (offer === undefined) return this.#link.stillsDone();
      this.begin(offer);
    }
  }

  private begin(offer: Offer): void {
    if (this.#sink.holds(offer)) return this.finish(offer, undefined);
    const refusal = this.#sink.begin(offer);
    if (refusal === undefined) return this.read(offer, 0);
    this.#link.cancel(offer.id);
    this.#ended(offer.captureId, refusal);
  }

  private read(offer: Offer, fileOffsetBytes: number): void {
    this.#receiver = new ObjectReceiver(offer, this.#sink, fileOffsetBytes);
    this.#progressAtMs = this.#link.nowMs();
    this.#link.read(offer.id, fileOffsetBytes);
  }

  private whole(): void {
    const offer = this.#receiver?.offer;
    this.#receiver = undefined;
    if (offer === undefined) return;
    this.finish(offer, this.#sink.commit());
    this.next();
  }

  private finish(offer: Offer, failure: CaptureFailure | undefined): void {
    this.#link.finish(offer.id);
    this.#ended(offer.captureId, failure);
  }

  /** It talks, but its data does not come: not waited for. */
  private takeStalled(nowMs: number): string[] {
    const receiver = this.#receiver;
    if (receiver === undefined || nowMs - this.#progressAtMs < STILL_STALLED_MS) return [];
    this.#link.cancel(receiver.offer.id);
    for (const captureId of this.drop()) this.#ended(captureId, "camera_silent");
    this.next();
    return [];
  }

  private drop(): string[] {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#suspended = false;
    if (receiver === undefined) return [];
    this.#sink.abort();
    return [receiver.offer.captureId];
  }
}
