import type { Offer, Result } from "../../amb82-bridge/link/link-messages.ts";
import { ObjectReceiver } from "../../amb82-bridge/link/object-receiver.ts";
import { CAMERA_OFFER_AGAIN_MS, CLIP_BUFFER_BYTES, CLIP_BY_WIFI_MS } from "../limits.ts";
import type { HttpBody } from "../ports.ts";
import type { CarryResult, ClipCarrier, ClipDelivery } from "./clip-delivery.ts";
import { ClipStream } from "./clip-stream.ts";
import type { MediaLink } from "./media-link.ts";

interface CameraUpload {
  readonly deadlineMs: number;
  readonly done: (result: CarryResult) => void;
}

/** What a camera is told to do with a clip. */
export interface ClipLink extends MediaLink {
  canUpload(): boolean;
  upload(id: number, url: string, headers: readonly (readonly [string, string])[]): void;
  nowMs(): number;
}

/** One clip at a time: it stays the camera's until the server has it. */
export class ClipIntake implements ClipCarrier {
  readonly #delivery: ClipDelivery;
  readonly #link: ClipLink;
  readonly #buffer = new Uint8Array(CLIP_BUFFER_BYTES);
  #offer: Offer | undefined;
  #upload: CameraUpload | undefined;
  #stream: ClipStream | undefined;
  #receiver: ObjectReceiver | undefined;
  #offerAgainByMs = Number.POSITIVE_INFINITY;

  constructor(delivery: ClipDelivery, link: ClipLink) {
    this.#delivery = delivery;
    this.#link = link;
  }

  get busy(): boolean {
    return this.#offer !== undefined;
  }

  /** Data is wanted from the link. */
  get streaming(): boolean {
    return this.#receiver !== undefined;
  }

  get roomBytes(): number {
    return this.#stream?.roomBytes ?? 0;
  }

  offered(offer: Offer): void {
    if (this.#offer?.sha256 === offer.sha256) return this.#offeredAgain(offer);
    if (this.busy) return this.#link.cancel(offer.id);
    this.#offer = offer;
    const { captureId, contentType, size, sha256, ageMs } = offer;
    const takenAtMs = this.#link.nowMs() - ageMs;
    const clip = { captureId, contentType, sizeBytes: size, sha256, takenAtMs };
    this.#delivery.deliver(clip, this, () => this.#delivered(captureId));
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    if (this.#receiver?.take(bytes, start, end) === "whole") this.#receiver = undefined;
  }

  result({ id, ok, reason, status }: Result): void {
    if (id !== this.#offer?.id) return;
    if (!ok) return this.#endUpload(carryFailure(reason, status));
    this.#endUpload({ kind: "stored" });
  }

  /** No still is in the way any more. */
  resume(): void {
    if (this.#receiver === undefined) return;
    this.#link.read(this.#receiver.offer.id, this.#receiver.fileOffsetBytes);
  }

  cameraStarted(nowMs: number): void {
    if (this.busy) this.#offerAgainByMs = nowMs + CAMERA_OFFER_AGAIN_MS;
  }

  tick(nowMs: number): void {
    if (nowMs >= this.#offerAgainByMs) this.abandon();
    if (this.#upload !== undefined && nowMs >= this.#upload.deadlineMs) {
      this.#endUpload({ kind: "failed", reason: "timeout" });
    }
  }

  /** The camera is gone, and the clip with it. */
  abandon(): void {
    this.#offerAgainByMs = Number.POSITIVE_INFINITY;
    this.#receiver = undefined;
    this.#offer = undefined;
    this.#stream?.break();
    this.#endUpload({ kind: "failed", reason: "body_broken" });
  }

  hasIt(captureId: string): boolean {
    return this.#offer?.captureId === captureId;
  }

  canUpload(): boolean {
    return this.busy && this.#link.canUpload();
  }

  upload(
    url: string,
    headers: Readonly<Record<string, string>>,
    done: (result: CarryResult) => void,
  ): void {
    if (this.#offer === undefined) return done({ kind: "failed", reason: "body_broken" });
    this.#upload = { deadlineMs: this.#link.nowMs() + CLIP_BY_WIFI_MS, done };
    this.#link.upload(this.#offer.id, url, Object.entries(headers));
  }

  openBody(): HttpBody {
    this.#stream = new ClipStream(this.#offer?.size ?? 0, this.#buffer);
    if (this.#offer === undefined) {
      this.#stream.break();
    } else {
      this.#receiver = new ObjectReceiver(this.#offer, this.#stream, 0);
      this.resume();
    }
    return this.#stream;
  }

  #offeredAgain(offer: Offer): void {
    this.#offerAgainByMs = Number.POSITIVE_INFINITY;
    this.#offer = offer;
    if (this.#receiver === undefined || this.#stream === undefined) return;
    this.#receiver = new ObjectReceiver(offer, this.#stream, this.#receiver.fileOffsetBytes);
    this.resume();
  }

  #endUpload(result: CarryResult): void {
    const upload = this.#upload;
    this.#upload = undefined;
    upload?.done(result);
  }

  /** The camera may have been lost meanwhile, and have another clip by now. */
  #delivered(captureId: string): void {
    if (this.#offer?.captureId !== captureId) return;
    this.#link.finish(this.#offer.id);
    this.#offer = undefined;
    this.#receiver = undefined;
    this.#stream = undefined;
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
