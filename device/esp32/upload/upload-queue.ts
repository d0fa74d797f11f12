import type { PresignPutRequest } from "../../../protocol/presign.ts";
import type { UploadStatusPayload } from "../../../protocol/room-messages.ts";
import type { Http, HttpBody, Ports, Time, TimerHandle } from "../ports.ts";
import type { Spool } from "./spool.ts";
import type { SpoolItem, StillFacts } from "./spool-item.ts";
import { type AttemptResult, attemptUpload } from "./upload-attempt.ts";
import { type Schedule, scheduleAfterFailure, unpark } from "./upload-schedule.ts";

export interface UploadServer {
  readonly apiBase: string;
  /** Milliseconds since the epoch of a monotonic reading of this boot; undefined without a clock. */
  wallClockMs(monotonicMs: number): number | undefined;
}

export interface UploadIdentity {
  readonly deviceId: string;
  readonly bootId: string;
}

/** Brings every spooled still to the server: one at a time, the oldest due first, never forgetting one. */
export class UploadQueue {
  readonly #time: Time;
  readonly #http: Http;
  readonly #spool: Spool;
  readonly #server: UploadServer;
  readonly #identity: UploadIdentity;
  readonly #tell: (payload: UploadStatusPayload) => void;
  readonly #schedules = new Map<number, Schedule>();
  #uploading: number | undefined;
  #timer: TimerHandle | undefined;
  #dropped = 0;
  #online = false;

  constructor(
    ports: Pick<Ports, "time" | "http">,
    spool: Spool,
    server: UploadServer,
    identity: UploadIdentity,
    tell: (payload: UploadStatusPayload) => void,
  ) {
    this.#time = ports.time;
    this.#http = ports.http;
    this.#spool = spool;
    this.#server = server;
    this.#identity = identity;
    this.#tell = tell;
    for (const item of spool.items) this.#admit(item);
  }

  /** Stills given up because the spool was full, since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Gives up the oldest stills until a new one of this size fits; false when it never can. */
  makeRoom(sizeBytes: number): boolean {
    if (!this.#spool.fits(sizeBytes)) return false;
    while (!this.#spool.hasRoom(sizeBytes)) {
      const oldest = this.#spool.items.find((item) => item.sequence !== this.#uploading);
      if (oldest === undefined) return false;
      this.#drop(oldest);
    }
    return true;
  }

  /** Takes up what the spool got since. */
  takeNew(): void {
    for (const item of this.#spool.items) {
      if (this.#schedules.has(item.sequence)) continue;
      this.#report(item, { status: "queued", attempt: 1, bytes: item.sizeBytes });
      this.#admit(item);
    }
    this.pump();
  }

  /** Without a network no attempt is begun: it would be spent on nothing. */
  networkChanged(online: boolean): void {
    this.#online = online;
    this.pump();
  }

  /** The session is back: what was parked is tried again. */
  reconnected(): void {
    this.#unparkAll();
    this.pump();
  }

  /** Starts what is due, or sets the timer for what is due next. */
  pump(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#uploading !== undefined || !this.#online) return;
    const nowMs = this.#time.monotonicMs();
    const due = this.#spool.items.find((item) => this.#scheduleOf(item).dueAtMs <= nowMs);
    if (due !== undefined) return this.#start(due, nowMs);
    const next = this.#spool.items.map((item) => this.#scheduleOf(item).dueAtMs);
    if (next.length === 0) return;
    this.#timer = this.#time.after(Math.min(...next) - nowMs, () => this.pump());
  }

  #start(item: SpoolItem, startedAtMs: number): void {
    this.#uploading = item.sequence;
    this.#spool.countAttempt(item.sequence);
    this.#report(item, { status: "uploading", attempt: item.attempts });
    const openBody = () => spoolBody(this.#spool, item);
    attemptUpload(this.#http, this.#server.apiBase, this.#presign(item), openBody, (result) => {
      this.#uploading = undefined;
      this.#settle(item, result, startedAtMs);
      this.pump();
    });
  }

  #settle(item: SpoolItem, result: AttemptResult, startedAtMs: number): void {
    if (result.kind === "stored") return this.#stored(item, result.key);
    const schedule = scheduleAfterFailure(item.attempts, startedAtMs);
    this.#schedules.set(item.sequence, schedule);
    const waitMs = Math.max(0, schedule.dueAtMs - this.#time.monotonicMs());
    this.#report(item, {
      status: schedule.parked ? "parked" : "retry_scheduled",
      attempt: item.attempts,
      reason: result.reason,
      ...(result.httpStatus === undefined ? {} : { httpStatus: result.httpStatus }),
      next_retry_sec: Math.round(waitMs / 1000),
    });
  }

  #stored(item: SpoolItem, key: string): void {
    this.#forget(item);
    const latency =
      item.bootId === this.#identity.bootId
        ? { latency_ms: this.#time.monotonicMs() - item.takenAtMs }
        : {};
    this.#report(item, { status: "success", attempt: item.attempts, key, ...latency });
    this.#unparkAll();
  }

  #drop(item: SpoolItem): void {
    this.#forget(item);
    this.#dropped++;
    this.#report(item, { status: "dropped", attempt: item.attempts, reason: "queue_full" });
  }

  #forget(item: SpoolItem): void {
    this.#spool.remove(item.sequence);
    this.#schedules.delete(item.sequence);
  }

  #admit(item: SpoolItem): void {
    this.#schedules.set(item.sequence, { dueAtMs: this.#time.monotonicMs(), parked: false });
  }

  #unparkAll(): void {
    const nowMs = this.#time.monotonicMs();
    for (const [sequence, schedule] of this.#schedules) {
      this.#schedules.set(sequence, unpark(schedule, nowMs));
    }
  }

  #scheduleOf(item: SpoolItem): Schedule {
    const schedule = this.#schedules.get(item.sequence);
    if (schedule === undefined) throw new Error("upload queue: still without a schedule");
    return schedule;
  }

  #presign(item: SpoolItem): PresignPutRequest {
    const capturedAtMs = this.#capturedAtMs(item);
    return {
      deviceId: this.#identity.deviceId,
      kind: "photos",
      contentType: item.contentType,
      size: item.sizeBytes,
      sha256: item.sha256,
      captureId: item.captureId,
      ...(capturedAtMs === undefined ? {} : { capturedAt: new Date(capturedAtMs).toISOString() }),
    };
  }

  #report(item: SpoolItem, payload: Omit<UploadStatusPayload, "captureId">): void {
    this.#tell({ captureId: item.captureId, ...payload });
  }

  /** A still taken before the clock was known gets its time once it is, within the same boot. */
  #capturedAtMs(facts: StillFacts): number | undefined {
    if (facts.capturedAtMs !== undefined) return facts.capturedAtMs;
    const sameBoot = facts.bootId === this.#identity.bootId;
    return sameBoot ? this.#server.wallClockMs(facts.takenAtMs) : undefined;
  }
}

function spoolBody(spool: Spool, item: SpoolItem): HttpBody {
  let fileOffsetBytes = 0;
  return {
    lengthBytes: item.sizeBytes,
    read(into) {
      const count = spool.read(item.sequence, fileOffsetBytes, into);
      fileOffsetBytes += count;
      return count;
    },
  };
}
