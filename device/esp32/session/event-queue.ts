import type { FeederEvent, SequencedEvent } from "../../../protocol/room-messages.ts";
import { EVENT_QUEUE_MAX } from "../limits.ts";

interface Queued {
  readonly seq: number;
  readonly event: FeederEvent;
  readonly atMs: number;
  sent: boolean;
}

/**
 * Events wait here until the server acknowledges them, in order and with the time they happened. When it is full the
 * oldest goes and is counted: the newest say more about a feeder that was away for long.
 */
export class EventQueue {
  readonly #bootId: string;
  #queue: Queued[] = [];
  #nextSeq = 1;
  #dropped = 0;

  constructor(bootId: string) {
    this.#bootId = bootId;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** A heartbeat takes the place of one that never left: an hour offline is one heartbeat, not sixty. */
  add(event: FeederEvent, atMs: number): void {
    if (event.type === "event.heartbeat") {
      this.#queue = this.#queue.filter((queued) => queued.sent || queued.event.type !== event.type);
    }
    if (this.#queue.length === EVENT_QUEUE_MAX) {
      this.#queue.shift();
      this.#dropped++;
    }
    this.#queue.push({ seq: this.#nextSeq++, event, atMs, sent: false });
  }

  /** Cumulative: everything up to `seq` of this boot has arrived. */
  acknowledged(bootId: string, seq: number): void {
    if (bootId !== this.#bootId) return;
    this.#queue = this.#queue.filter((queued) => queued.seq > seq);
  }

  /** A new connection sends everything again that was not acknowledged. */
  rewind(): void {
    for (const queued of this.#queue) queued.sent = false;
  }

  /** Hands out what was not sent yet, until `send` answers false; true when something went out. */
  drain(
    wallClockMs: (monotonicMs: number) => number | undefined,
    send: (event: SequencedEvent) => boolean,
  ): boolean {
    let any = false;
    for (const queued of this.#queue) {
      if (queued.sent) continue;
      const ts = wallClockMs(queued.atMs);
      const stamp = ts === undefined ? {} : { ts };
      if (!send({ ...queued.event, bootId: this.#bootId, seq: queued.seq, ...stamp })) break;
      queued.sent = true;
      any = true;
    }
    return any;
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  get awaitsAcknowledgement(): boolean {
    return this.#queue.some((queued) => queued.sent);
  }
}
