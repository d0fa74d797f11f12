import type { DeviceConfig } from "../../../protocol/device-config.ts";
import type { UploadStatusPayload } from "../../../protocol/room-messages.ts";
import type { HttpBody, HttpLane, Ports, Time, TimerHandle } from "../ports.ts";
import type { Spool } from "./spool.ts";
import type { SpoolItem, StillFacts } from "./spool-item.ts";
import { type AttemptResult, attemptUpload, presignRequest } from "./upload-attempt.ts";
import { type Schedule, scheduleAfterFailure, unpark } from "./upload-schedule.ts";

export interface UploadServer {
  readonly apiBase: string;
  /** Milliseconds since the epoch of a monotonic reading of this boot; undefined without a clock. */
  wallClockMs(monotonicMs: number): number | undefined;
}

export interface UploadIdentity {
  readonly deviceId: string;
  readonly bootId: string;
  readonly config: DeviceConfig;
}

/** Brings every spooled still to the server: one at a time, the oldest due first, never forgetting one. */
export class UploadQueue {
  readonly #time: Time;
  readonly #http: HttpLane;
  readonly #spool: Spool;
  readonly #server: UploadServer;
  readonly #identity: UploadIdentity;
  readonly #tell: (payload: UploadStatusPayload) => void;
  readonly #schedules = new Map<number, Schedule>();
  #uploading: number | undefined;
  /** Asked for, or begun. */
  #hasTurn = false;
  #timer: TimerHandle | undefined;
  #dropped = 0;
  #online = false;

  constructor(
    ports: Pick<Ports, "time"> & { readonly http: HttpLane },
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
    for (const item of spool.items) this.admit(item);
  }

  /** `dropped`: stills given up because the spool was full, since the start. */
  get usage(): { readonly count: number; readonly bytes: number; readonly dropped: number } {
    const { items, usedBytes: bytes } = this.#spool;
    return { count: items.length, bytes, dropped: this.#dropped };
  }

  get isIdle(): boolean {
    return !this.#hasTurn;
  }

  /** Gives up the oldest stills until a new one of this size fits; false when it never can. */
  makeRoom(sizeBytes: number): boolean {
    if (!this.#spool.fits(sizeBytes)) return false;
    while (!this.#spool.hasRoom(sizeBytes)) {
      const oldest = this.#spool.items.find((item) => item.sequence !== this.#uploading);
      if (oldest === undefined) return false;
      this.drop(oldest);
    }
    return true;
  }

  /** Takes up what the spool got since. */
  takeNew(): void {
    for (const item of this.#spool.items) {
      if (this.#schedules.has(item.sequence)) continue;
      this.report(item, { status: "queued", attempt: 1, bytes: item.sizeBytes });
      this.admit(item);
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
    this.unparkAll();
    this.pump();
  }

  /** Asks for a turn for what is due, or sets the timer for what is due next. */
  pump(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#hasTurn || !this.#online) return;
    if (this.oldestDue() !== undefined) {
      this.#hasTurn = true;
      return this.#http.takeTurn((leave) => this.takeTurn(leave));
    }
    const next = this.#spool.items.map((item) => this.scheduleOf(item).dueAtMs);
    if (next.length === 0) return;
    const delayMs = Math.min(...next) - this.#time.monotonicMs();
    this.#timer = this.#time.after(delayMs, () => this.pump());
  }

  /** The turn may come minutes later: offline by now, or the still given up. Until here no attempt is spent. */
  private takeTurn(leave: () => void): void {
    const due = this.#online ? this.oldestDue() : undefined;
    const endTurn = (): void => {
      this.#hasTurn = false;
      leave();
    };
    if (due !== undefined) return this.start(due, endTurn);
    endTurn();
    this.pump();
  }

  private oldestDue(): SpoolItem | undefined {
    const nowMs = this.#time.monotonicMs();
    return this.#spool.items.find((item) => this.scheduleOf(item).dueAtMs <= nowMs);
  }

  private start(item: SpoolItem, endTurn: () => void): void {
    const startedAtMs = this.#time.monotonicMs();
    this.#uploading = item.sequence;
    this.#spool.countAttempt(item.sequence);
    this.report(item, { status: "uploading", attempt: item.attempts });
    const facts = { ...item, capturedAtMs: this.capturedAtMs(item) };
    const request = presignRequest(this.#identity.deviceId, "photos", facts);
    const openBody = () => spoolBody(this.#spool, item);
    attemptUpload(this.#http, this.#server.apiBase, request, openBody, (result) => {
      endTurn();
      this.#uploading = undefined;
      this.settle(item, result, startedAtMs);
      this.pump();
    });
  }

  private settle(item: SpoolItem, result: AttemptResult, startedAtMs: number): void {
    if (result.kind === "stored") return this.stored(item, result.key);
    const schedule = scheduleAfterFailure(item.attempts, startedAtMs, this.#identity.config);
    this.#schedules.set(item.sequence, schedule);
    const waitMs = Math.max(0, schedule.dueAtMs - this.#time.monotonicMs());
    this.report(item, {
      status: schedule.parked ? "parked" : "retry_scheduled",
      attempt: item.attempts,
      reason: result.reason,
      ...(result.httpStatus === undefined ? {} : { httpStatus: result.httpStatus }),
      next_retry_sec: Math.round(waitMs / 1000),
    });
  }

  private stored(item: SpoolItem, key: string): void {
    this.forget(item);
    const latency =
      item.bootId === this.#identity.bootId
        ? { latency_ms: this.#time.monotonicMs() - item.takenAtMs }
        : {};
    this.report(item, { status: "success", attempt: item.attempts, key, ...latency });
    this.unparkAll();
  }

  private drop(item: SpoolItem): void {
    this.forget(item);
    this.#dropped++;
    this.report(item, { status: "dropped", attempt: item.attempts, reason: "queue_full" });
  }

  private forget(item: SpoolItem): void {
    this.#spool.remove(item.sequence);
    this.#schedules.delete(item.sequence);
  }

  private admit(item: SpoolItem): void {
    this.#schedules.set(item.sequence, { dueAtMs: this.#time.monotonicMs(), parked: false });
  }

  private unparkAll(): void {
    const nowMs = this.#time.monotonicMs();
    for (const [sequence, schedule] of this.#schedules) {
      this.#schedules.set(sequence, unpark(schedule, nowMs));
    }
  }

  private scheduleOf(item: SpoolItem): Schedule {
    const schedule = this.#schedules.get(item.sequence);
    if (schedule === undefined) throw new Error("upload queue: still without a schedule");
    return schedule;
  }

  private report(item: SpoolItem, payload: Omit<UploadStatusPayload, "captureId">): void {
    this.#tell({ captureId: item.captureId, ...payload });
  }

  /** A still taken before the clock was known gets its time once it is, within the same boot. */
  private capturedAtMs(facts: StillFacts): number | undefined {
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
