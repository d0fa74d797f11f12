import { isSameObject, type Offer, type Result } from "../../amb82-bridge/link/link-messages.ts";
import { ObjectReceiver } from "../../amb82-bridge/link/object-receiver.ts";
import { CAMERA_OFFER_AGAIN_MS, CLIP_BY_WIFI_MS, CLIPS_OFFERED_MAX } from "../limits.ts";
import type { HttpBody } from "../ports.ts";
import type { CarryResult, ClipCarrier, ClipDelivery, ClipFacts } from "./clip-delivery.ts";
import { ClipStream } from "./clip-stream.ts";
import type { MediaLink } from "./media-link.ts";

interface CameraUpload {
  readonly deadlineMs: number;
  readonly done: (result: CarryResult) => void;
}

/** What a camera is told to do with a clip. */
export interface ClipLink extends MediaLink {
  /** A still is being read: the link is its. */
  stillsBusy(): boolean;
  canUpload(): boolean;
  /** False when the camera could not be told: the order is too long for the link. */
  upload(id: number, url: string, headers: readonly (readonly [string, string])[]): boolean;
}

/** Clips, one after the other: each stays the camera's until the server has it. */
export class ClipIntake implements ClipCarrier {
  readonly #delivery: ClipDelivery;
  readonly #link: ClipLink;
  /** The first is being delivered. */
  #offers: Offer[] = [];
  /** Offered before the camera started anew, and not again since. */
  #missing: string[] = [];
  #upload: CameraUpload | undefined;
  #stream: ClipStream | undefined;
  #receiver: ObjectReceiver | undefined;
  #offerAgainByMs = Number.POSITIVE_INFINITY;

  constructor(delivery: ClipDelivery, link: ClipLink) {
    this.#delivery = delivery;
    this.#link = link;
  }

  get busy(): boolean {
    return this.#offers.length > 0;
  }

  /** Data is wanted from the link. */
  get streaming(): boolean {
    return this.#receiver !== undefined;
  }

  get roomBytes(): number {
    return this.#stream?.roomBytes ?? 0;
  }

  /** False when there are too many already: it is cancelled. */
  offered(offer: Offer): boolean {
    const known = this.#offers.findIndex((held) => isSameObject(held, offer));
    if (known >= 0) {
      this.offeredAgain(offer, known);
      return true;
    }
    if (this.#offers.length === CLIPS_OFFERED_MAX) {
      this.#link.cancel(offer.id);
      return false;
    }
    this.#offers.push(offer);
    if (this.#offers.length === 1) this.deliver(offer);
    return true;
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    if (this.#receiver?.take(bytes, start, end) === "whole") this.#receiver = undefined;
  }

  result({ id, ok, reason, status }: Result): void {
    if (id !== this.#offers[0]?.id) return;
    if (!ok) return this.endUpload(carryFailure(reason, status));
    this.endUpload({ kind: "stored" });
  }

  /** No still is in the way any more. */
  resume(): void {
    if (this.#receiver === undefined || this.#link.stillsBusy()) return;
    this.#link.read(this.#receiver.offer.id, this.#receiver.fileOffsetBytes);
  }

  /** The camera has not got it any more. */
  withdrawn(id: number): void {
    this.lose(this.#offers.filter((offer) => offer.id === id).map(({ captureId }) => captureId));
  }

  cameraStarted(): void {
    if (!this.busy) return;
    this.#missing = this.#offers.map(({ captureId }) => captureId);
    this.#offerAgainByMs = this.#link.nowMs() + CAMERA_OFFER_AGAIN_MS;
  }

  tick(nowMs: number): void {
    if (nowMs >= this.#offerAgainByMs) {
      this.#offerAgainByMs = Number.POSITIVE_INFINITY;
      this.lose(this.#missing.splice(0));
    }
    if (this.#upload !== undefined && nowMs >= this.#upload.deadlineMs) {
      this.endUpload({ kind: "failed", reason: "timeout" });
    }
  }

  /** The camera is gone, and its clips with it. */
  abandon(): void {
    this.#offerAgainByMs = Number.POSITIVE_INFINITY;
    this.#missing = [];
    this.lose(this.#offers.map(({ captureId }) => captureId));
  }

  hasIt(captureId: string): boolean {
    return this.#offers[0]?.captureId === captureId;
  }

  canUpload(): boolean {
    return this.busy && this.#link.canUpload();
  }

  upload(
    url: string,
    headers: Readonly<Record<string, string>>,
    done: (result: CarryResult) => void,
  ): void {
    const offer = this.#offers[0];
    if (offer === undefined) return done({ kind: "failed", reason: "body_broken" });
    if (!this.#link.upload(offer.id, url, Object.entries(headers))) {
      return done({ kind: "failed", reason: "bad_url" });
    }
    this.#upload = { deadlineMs: this.#link.nowMs() + CLIP_BY_WIFI_MS, done };
  }

  openBody(): HttpBody {
    // That of the attempt before goes first: the heap has no room for two.
    this.dropStream();
    const offer = this.#offers[0];
    this.#stream = new ClipStream(offer?.size ?? 0);
    if (offer === undefined) {
      this.#stream.break();
    } else {
      this.#receiver = new ObjectReceiver(offer, this.#stream, 0);
      this.resume();
    }
    return this.#stream;
  }

  private deliver(offer: Offer): void {
    this.#delivery.deliver(this.factsOf(offer), this, () => this.delivered(offer.captureId));
  }

  private factsOf({ captureId, contentType, size, sha256, ageMs }: Offer): ClipFacts {
    const takenAtMs = this.#link.nowMs() - ageMs;
    return { captureId, contentType, sizeBytes: size, sha256, takenAtMs };
  }

  private offeredAgain(offer: Offer, known: number): void {
    this.#missing = this.#missing.filter((captureId) => captureId !== offer.captureId);
    this.#offers[known] = offer;
    if (known > 0 || this.#receiver === undefined || this.#stream === undefined) return;
    this.#receiver = new ObjectReceiver(offer, this.#stream, this.#receiver.fileOffsetBytes);
    this.resume();
  }

  private lose(captureIds: readonly string[]): void {
    const [first] = this.#offers;
    const lost = this.#offers.filter(({ captureId }) => captureIds.includes(captureId));
    this.#offers = this.#offers.filter((offer) => !lost.includes(offer));
    for (const offer of lost) {
      if (offer !== first) this.#delivery.lost(this.factsOf(offer));
    }
    if (first === undefined || !lost.includes(first)) return;
    // What has all arrived may still leave by the network.
    if (this.#receiver !== undefined) this.#stream?.break();
    this.dropStream();
    this.endUpload({ kind: "failed", reason: "body_broken" });
    this.next();
  }

  private endUpload(result: CarryResult): void {
    const upload = this.#upload;
    this.#upload = undefined;
    upload?.done(result);
  }

  /** The camera may have been lost meanwhile, and have another clip by now. */
  private delivered(captureId: string): void {
    const [offer] = this.#offers;
    if (offer?.captureId !== captureId) return;
    this.#link.finish(offer.id);
    this.#offers.shift();
    this.dropStream();
    this.next();
  }

  /** A request that is still under way keeps what it needs of it. */
  private dropStream(): void {
    this.#receiver = undefined;
    this.#stream = undefined;
  }

  private next(): void {
    const [next] = this.#offers;
    if (next !== undefined) this.deliver(next);
  }
}

/** The camera's reasons (docs/link.md) in the words that uploads are reported with. */
function carryFailure(reason: string | undefined, status: number | undefined): CarryResult {
  if (reason === "refused" && status !== undefined) {
    return { kind: "failed", reason: "put_refused", httpStatus: status };
  }
  if (reason === "timeout" || reason === "bad_url") return { kind: "failed", reason };
  return { kind: "failed", reason: reason === "no_object" ? "body_broken" : "connection" };
}
