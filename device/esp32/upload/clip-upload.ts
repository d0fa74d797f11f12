import type { PresignPutAnswer } from "../../../protocol/presign.ts";
import type { UploadFailure, UploadStatusPayload } from "../../../protocol/room-messages.ts";
import { CLIP_ATTEMPTS_MAX, CLIP_ONLINE_MS, CLIP_RETRY_MS } from "../limits.ts";
import type { HttpBody, HttpLane, Ports, Time } from "../ports.ts";
import {
  type AttemptFailure,
  type AttemptResult,
  type ObjectFacts,
  presign,
  presignRequest,
  put,
} from "./upload-attempt.ts";
import type { UploadServer } from "./upload-queue.ts";

/** A clip as its camera offers it. */
interface Clip extends Omit<ObjectFacts, "capturedAtMs"> {
  /** On this boot's monotonic clock. */
  readonly takenAtMs: number;
}

/** The camera that holds the clip: capture's ClipCarrier. */
interface Carrier {
  hasIt(captureId: string): boolean;
  canUpload(): boolean;
  upload(
    url: string,
    headers: PresignPutAnswer["headers"],
    done: (result: { readonly kind: "stored" } | AttemptFailure) => void,
  ): void;
  openBody(): HttpBody;
}

interface Delivery {
  readonly clip: Clip;
  readonly carrier: Carrier;
  readonly done: () => void;
  readonly offeredAtMs: number;
  attempts: number;
  /** The camera was told to upload it. */
  byCamera: boolean;
  failure: UploadFailure;
}

/**
 * Brings a clip from the camera to the server: by the camera's own Wi-Fi where it has it, else, or when that failed,
 * over the link and through this feeder. It stays in the camera's memory meanwhile, and the camera awake: tried a few times,
 * then given up and reported. Satisfies capture's ClipDelivery.
 */
export class ClipUpload {
  readonly #time: Time;
  readonly #http: HttpLane;
  readonly #server: UploadServer;
  readonly #deviceId: string;
  readonly #tell: (payload: UploadStatusPayload) => void;
  #online = false;
  #waiting: Delivery | undefined;

  constructor(
    ports: Pick<Ports, "time"> & { readonly http: HttpLane },
    server: UploadServer,
    deviceId: string,
    tell: (payload: UploadStatusPayload) => void,
  ) {
    this.#time = ports.time;
    this.#http = ports.http;
    this.#server = server;
    this.#deviceId = deviceId;
    this.#tell = tell;
  }

  networkChanged(online: boolean): void {
    this.#online = online;
    const waiting = this.#waiting;
    if (!online || waiting === undefined) return;
    this.#waiting = undefined;
    this.attempt(waiting);
  }

  deliver(clip: Clip, carrier: Carrier, done: () => void): void {
    const offeredAtMs = this.#time.monotonicMs();
    const delivery: Delivery = {
      clip,
      carrier,
      done,
      offeredAtMs,
      attempts: 0,
      byCamera: false,
      failure: "connection",
    };
    this.report(delivery, { status: "queued", attempt: 1, bytes: clip.sizeBytes });
    this.attemptOnline(delivery);
  }

  lost(clip: Clip): void {
    this.#tell({
      captureId: clip.captureId,
      kind: "clips",
      status: "dropped",
      attempt: 0,
      reason: "body_broken",
    });
  }

  private attemptOnline(delivery: Delivery): void {
    if (this.#online) return this.attempt(delivery);
    // Its camera was lost and has another clip.
    if (this.#waiting !== undefined) this.giveUp(this.#waiting);
    this.#waiting = delivery;
    this.#time.after(CLIP_ONLINE_MS, () => {
      if (this.#waiting !== delivery) return;
      this.#waiting = undefined;
      this.giveUp(delivery);
    });
  }

  private attempt(delivery: Delivery): void {
    this.#http.takeTurn((leave) => {
      if (delivery.carrier.hasIt(delivery.clip.captureId)) return this.send(delivery, leave);
      leave();
      this.giveUp(delivery);
    });
  }

  private send(delivery: Delivery, leave: () => void): void {
    const { clip, carrier } = delivery;
    delivery.attempts++;
    this.report(delivery, { status: "uploading", attempt: delivery.attempts });
    const capturedAtMs = this.#server.wallClockMs(clip.takenAtMs);
    const request = presignRequest(this.#deviceId, "clips", { ...clip, capturedAtMs });
    presign(this.#http, this.#server.apiBase, request, (result) => {
      if (result.kind === "failed") {
        leave();
        this.settle(delivery, result);
      } else if (!carrier.hasIt(clip.captureId)) {
        leave();
        this.giveUp(delivery);
      } else if (!delivery.byCamera && carrier.canUpload()) {
        // The feeder's own lane is free while the camera sends.
        leave();
        this.byCamera(delivery, result.presigned);
      } else {
        this.throughLink(delivery, result.presigned, leave);
      }
    });
  }

  private byCamera(delivery: Delivery, { uploadUrl, headers, key }: PresignPutAnswer): void {
    delivery.byCamera = true;
    delivery.carrier.upload(uploadUrl, headers, (result) => {
      this.settle(delivery, result.kind === "stored" ? { kind: "stored", key } : result);
    });
  }

  private throughLink(delivery: Delivery, presigned: PresignPutAnswer, leave: () => void): void {
    put(this.#http, presigned, delivery.carrier.openBody(), (result) => {
      leave();
      this.settle(delivery, result);
    });
  }

  private settle(delivery: Delivery, result: AttemptResult): void {
    if (result.kind === "stored") return this.stored(delivery, result.key);
    delivery.failure = result.reason;
    const lost = !delivery.carrier.hasIt(delivery.clip.captureId);
    if (lost || delivery.attempts === CLIP_ATTEMPTS_MAX) return this.giveUp(delivery);
    const status = result.httpStatus === undefined ? {} : { httpStatus: result.httpStatus };
    const { attempts: attempt, failure: reason } = delivery;
    const next_retry_sec = CLIP_RETRY_MS / 1000;
    this.report(delivery, {
      status: "retry_scheduled",
      attempt,
      reason,
      ...status,
      next_retry_sec,
    });
    this.#time.after(CLIP_RETRY_MS, () => this.attemptOnline(delivery));
  }

  private stored(delivery: Delivery, key: string): void {
    const latency_ms = this.#time.monotonicMs() - delivery.offeredAtMs;
    this.report(delivery, { status: "success", attempt: delivery.attempts, key, latency_ms });
    delivery.done();
  }

  private giveUp(delivery: Delivery): void {
    const { attempts: attempt, failure: reason } = delivery;
    this.report(delivery, { status: "dropped", attempt, reason });
    delivery.done();
  }

  private report({ clip }: Delivery, payload: Omit<UploadStatusPayload, "captureId">): void {
    this.#tell({ captureId: clip.captureId, kind: "clips", ...payload });
  }
}
