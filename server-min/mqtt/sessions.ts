import type { Kysely } from "kysely";
import { parseJson } from "../../protocol/json.ts";
import type { Clock } from "../ports.ts";
import {
  addQueued,
  deleteMqttSession,
  deleteQueued,
  putMqttSession,
  readMqttSessions,
} from "../storage/mqtt-sessions.ts";
import type { Database } from "../storage/schema.ts";
import { covers } from "./access.ts";

/** A feeder has one command topic and sleeps for hours; what it missed more of than this is no longer wanted. */
const QUEUE_MAX = 100;
const QUEUED_FOR_MS = 7 * 24 * 60 * 60 * 1000;
const SESSION_FOR_MS = 30 * 24 * 60 * 60 * 1000;
const SEEN_STEP_MS = 24 * 60 * 60 * 1000;
const SESSIONS_MAX = 10_000;
/** A feeder needs one; whoever takes a new name each time must not fill the table. */
const SESSIONS_PER_OWNER = 8;
const ANY_DEVICE = "+";

/** The broker's name for a client, with its owner in front. */
export function sessionId(owner: string, clientId: string): string {
  return `${owner}/${clientId}`;
}

export interface Subscription {
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
}

/** What the broker publishes. */
export interface Publication {
  readonly brokerId: string;
  readonly brokerCounter: number;
  readonly topic: string;
  readonly payload: Buffer;
}

interface Queued {
  readonly position: number;
  readonly queuedAtMs: number;
  readonly publication: Publication;
  /** Set while it is on its way to the client. */
  messageId: number | undefined;
}

interface Session {
  readonly id: string;
  readonly filters: Map<string, Subscription["qos"]>;
  queue: Queued[];
  seenAtMs: number;
}

/**
 * What clients that ask for it find again after they, or the server, were away: read once, then written through.
 */
export class Sessions {
  readonly #sql: Kysely<Database>;
  readonly #clock: Clock;
  readonly #sessions = new Map<string, Session>();
  /** By the device that a filter names. */
  readonly #byDevice = new Map<string, Set<Session>>();
  #position = 0;

  private constructor(sql: Kysely<Database>, clock: Clock) {
    this.#sql = sql;
    this.#clock = clock;
  }

  static async load(sql: Kysely<Database>, clock: Clock): Promise<Sessions> {
    const loaded = new Sessions(sql, clock);
    const { sessions, queued } = await readMqttSessions(sql);
    for (const { session_id: id, filters, seen_at_ms: seenAtMs } of sessions) {
      const known = new Map(parseJson(filters) as [string, Subscription["qos"]][]);
      loaded.#insert({ id, filters: known, queue: [], seenAtMs });
    }
    for (const { session_id, position, topic, payload, queued_at_ms: queuedAtMs } of queued) {
      loaded.#position = Math.max(loaded.#position, position);
      const bytes = Buffer.from(payload);
      // No broker has this id: it tells entries of before the start apart from those after.
      const publication = { brokerId: "stored", brokerCounter: position, topic, payload: bytes };
      const entry = { position, queuedAtMs, publication, messageId: undefined };
      loaded.#sessions.get(session_id)?.queue.push(entry);
    }
    await loaded.expire();
    return loaded;
  }

  /** Ends the sessions that nobody came back to. */
  async expire(): Promise<void> {
    const oldestMs = this.#clock.nowMs() - SESSION_FOR_MS;
    for (const session of [...this.#sessions.values()]) {
      if (session.seenAtMs < oldestMs) await this.end(session.id);
    }
  }

  /** Whoever is connected is here, however long ago it came. The database need not know to the minute. */
  async stay(id: string): Promise<void> {
    const session = this.#sessions.get(id);
    const nowMs = this.#clock.nowMs();
    if (session === undefined || Math.abs(nowMs - session.seenAtMs) < SEEN_STEP_MS) return;
    session.seenAtMs = nowMs;
    await this.#save(session);
  }

  async end(id: string): Promise<void> {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    this.#unlist(session);
    await deleteMqttSession(this.#sql, id);
  }

  async resume(id: string): Promise<Subscription[]> {
    const session = this.#sessions.get(id);
    if (session === undefined) return [];
    session.seenAtMs = this.#clock.nowMs();
    await this.#save(session);
    return [...session.filters].map(([topic, qos]) => ({ topic, qos }));
  }

  /** Throws when there are too many: the broker has no other answer and hangs up. */
  async subscribe(id: string, subscriptions: readonly Subscription[]): Promise<void> {
    const known = this.#sessions.get(id);
    if (known === undefined && this.#isFull(id)) throw new Error("too many sessions");
    const session = known ?? { id, filters: new Map(), queue: [], seenAtMs: this.#clock.nowMs() };
    const changed = subscriptions.filter(({ topic, qos }) => session.filters.get(topic) !== qos);
    if (changed.length === 0) return;
    for (const { topic, qos } of changed) session.filters.set(topic, qos);
    this.#insert(session);
    await this.#save(session);
  }

  async unsubscribe(id: string, filters: readonly string[]): Promise<void> {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#unlist(session);
    for (const filter of filters) session.filters.delete(filter);
    this.#insert(session);
    await this.#save(session);
  }

  /** The sessions that are to get what is published there with QoS 1. */
  subscribers(topic: string): { clientId: string; topic: string; qos: 1 }[] {
    // The broker's own word is nobody's to hear, "#" or not.
    if (topic.startsWith("$")) return [];
    const device = topic.split("/")[1] ?? "";
    const candidates = [device, ANY_DEVICE].flatMap((name) => [
      ...(this.#byDevice.get(name) ?? []),
    ]);
    return [...new Set(candidates)]
      .filter(({ filters }) =>
        [...filters].some(([filter, qos]) => qos > 0 && covers(filter, topic)),
      )
      .map(({ id }) => ({ clientId: id, topic, qos: 1 }));
  }

  async enqueue(ids: readonly string[], publication: Publication): Promise<void> {
    const queuedAtMs = this.#clock.nowMs();
    const rows = [];
    for (const id of ids) {
      this.#position += 1;
      const position = this.#position;
      const { topic, payload } = publication;
      const entry = { position, queuedAtMs, publication, messageId: undefined };
      this.#sessions.get(id)?.queue.push(entry);
      const text = payload.toString();
      rows.push({ session_id: id, position, topic, payload: text, queued_at_ms: queuedAtMs });
    }
    if (rows.length > 0) await addQueued(this.#sql, rows);
    for (const id of ids)
      await this.#drop(id, (_, index, { length }) => index < length - QUEUE_MAX);
  }

  /** Notes under which number an entry goes to its client. */
  sending(id: string, packet: Publication & { readonly messageId?: number }): void {
    const entry = this.#sessions
      .get(id)
      ?.queue.find(({ publication }) => isSame(publication, packet));
    if (entry !== undefined) entry.messageId = packet.messageId;
  }

  /** The client has it, or is not to get it: that one was not numbered yet. */
  async settle(id: string, packet: Publication & { readonly messageId?: number }) {
    const { messageId } = packet;
    const dropped = await this.#drop(id, (entry) =>
      messageId === undefined
        ? entry.messageId === undefined && isSame(entry.publication, packet)
        : entry.messageId === messageId,
    );
    return dropped[0]?.publication;
  }

  async waiting(id: string) {
    const oldestMs = this.#clock.nowMs() - QUEUED_FOR_MS;
    await this.#drop(id, ({ queuedAtMs }) => queuedAtMs < oldestMs);
    return (this.#sessions.get(id)?.queue ?? []).map(({ publication, messageId }) => ({
      ...publication,
      cmd: "publish",
      qos: 1,
      messageId,
    }));
  }

  async #drop(
    id: string,
    isDropped: (entry: Queued, index: number, queue: readonly Queued[]) => boolean,
  ): Promise<readonly Queued[]> {
    const session = this.#sessions.get(id);
    const dropped = session?.queue.filter(isDropped) ?? [];
    if (session === undefined || dropped.length === 0) return dropped;
    session.queue = session.queue.filter((entry) => !dropped.includes(entry));
    const positions = dropped.map(({ position }) => position);
    await deleteQueued(this.#sql, id, positions);
    return dropped;
  }

  async #save({ id, filters, seenAtMs }: Session): Promise<void> {
    const row = { session_id: id, filters: JSON.stringify([...filters]), seen_at_ms: seenAtMs };
    await putMqttSession(this.#sql, row);
  }

  #isFull(id: string): boolean {
    const owner = id.slice(0, id.indexOf("/") + 1);
    const owned = [...this.#sessions.keys()].filter((known) => known.startsWith(owner));
    return this.#sessions.size >= SESSIONS_MAX || owned.length >= SESSIONS_PER_OWNER;
  }

  #insert(session: Session): void {
    this.#sessions.set(session.id, session);
    for (const filter of session.filters.keys()) {
      const device = filter.split("/")[1] ?? ANY_DEVICE;
      const name = device === "#" ? ANY_DEVICE : device;
      const listed = this.#byDevice.get(name) ?? new Set();
      this.#byDevice.set(name, listed.add(session));
    }
  }

  #unlist(session: Session): void {
    for (const [name, listed] of this.#byDevice) {
      if (listed.delete(session) && listed.size === 0) this.#byDevice.delete(name);
    }
  }
}

function isSame(one: Publication, other: Publication): boolean {
  return one.brokerId === other.brokerId && one.brokerCounter === other.brokerCounter;
}
