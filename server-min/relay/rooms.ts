import { isRecord, parseJson } from "../../protocol/json.ts";
import { sequenceOf } from "../../protocol/room-messages.ts";
import { ALL_ROOMS } from "../identity/principal.ts";
import type { Clock } from "../ports.ts";
import type { RelayedMessage } from "./recent-events.ts";
import { RecentEvents } from "./recent-events.ts";
import type { RoomAccess, RoomRefusal } from "./room-token.ts";
import { readRoomToken } from "./room-token.ts";

/** The other end of a connection, whatever carries it. */
export interface Peer {
  send(text: string): void;
  close(code: number, reason: string): void;
}

export interface Member {
  receive(text: string): void;
  leave(): void;
}

export type JoinResult =
  | { readonly kind: "joined"; readonly member: Member }
  | { readonly kind: "refused"; readonly reason: RoomRefusal };

type Message = Readonly<Record<string, unknown>>;
type FeederListener = (deviceId: string, message: Message) => void;

interface Connection {
  readonly access: RoomAccess;
  readonly peer: Peer;
}

interface Room {
  readonly deviceId: string;
  readonly connections: Set<Connection>;
  /** Highest sequence number relayed, by boot of the feeder; the oldest boot goes first. Others do not move it. */
  readonly relayedSeq: Map<string, number>;
  lastHeardMs: number;
}

/** A feeder resends the events of this boot and, from its spool, of a few before. */
const BOOTS_MAX = 8;
/** An event a second needs 30 years to count so far; a number near the largest would hide every event after it. */
const FIRST_SEQ_MAX = 1e9;
/** A feeder's full queue drops events and their numbers with them: one a minute leaves this gap in two years offline. */
const SEQ_JUMP_MAX = 1_000_000;

/** One room a device: what its feeder sends reaches the others in it, and every viewer. */
export class Rooms {
  readonly #clock: Clock;
  readonly #secret: string;
  readonly #recent: RecentEvents;
  readonly #rooms = new Map<string, Room>();
  readonly #viewers = new Set<Connection>();
  readonly #listeners: FeederListener[] = [];
  #messageCount = 0;

  constructor(clock: Clock, relaySecret: string) {
    this.#clock = clock;
    this.#secret = relaySecret;
    this.#recent = new RecentEvents(clock.nowMs());
  }

  join(token: string | undefined, peer: Peer): JoinResult {
    const nowMs = this.#clock.nowMs();
    const access = readRoomToken(this.#secret, token, nowMs);
    if (typeof access === "string") return { kind: "refused", reason: access };
    const room = access.role === "viewer" ? undefined : this.#roomOf(access.deviceId);
    const connection: Connection = { access, peer };
    const connections = room?.connections ?? this.#viewers;
    connections.add(connection);
    if (room !== undefined && access.role === "feeder") room.lastHeardMs = nowMs;
    const deviceId = room?.deviceId ?? ALL_ROOMS;
    const rooms = access.role === "viewer" ? access.rooms : [deviceId];
    send(peer, { type: "system", message: "connected", deviceId, rooms, ts: nowMs });
    const receive = (text: string) => {
      if (connections.has(connection)) this.#receive(room, connection, text);
    };
    return {
      kind: "joined",
      member: { receive, leave: () => void connections.delete(connection) },
    };
  }

  /** Calls back with each message of a feeder, once, after it was relayed. */
  listen(listener: FeederListener): void {
    this.#listeners.push(listener);
  }

  /** Sends a message of the server itself to a room. */
  publish(deviceId: string, message: Message): void {
    this.#relay(this.#roomOf(deviceId), message);
  }

  hasFeeder(deviceId: string): boolean {
    const connections = [...(this.#rooms.get(deviceId)?.connections ?? [])];
    return connections.some(({ access }) => access.role === "feeder");
  }

  /** When the feeder last joined or said something; 0 for one that did not since the server started. */
  lastHeardMs(deviceId: string): number {
    return this.#rooms.get(deviceId)?.lastHeardMs ?? 0;
  }

  recentEvents(query: Parameters<RecentEvents["read"]>[0]): ReturnType<RecentEvents["read"]> {
    return this.#recent.read(query);
  }

  /** Rooms that somebody is in; the viewers count as the room "*". */
  counters() {
    const rooms = [...this.#rooms.values(), { deviceId: ALL_ROOMS, connections: this.#viewers }]
      .filter(({ connections }) => connections.size > 0)
      .map(({ deviceId, connections }) => ({ deviceId, clients: connections.size }));
    const totalClients = rooms.reduce((total, { clients }) => total + clients, 0);
    return { rooms, totalClients, messageCount: this.#messageCount };
  }

  closeAll(code: number, reason: string): void {
    for (const { connections } of [...this.#rooms.values(), { connections: this.#viewers }]) {
      for (const { peer } of connections) peer.close(code, reason);
    }
  }

  /** Closes what a device has open; it may come back when it still may. */
  dismiss(deviceId: string, code: number, reason: string): void {
    for (const { access, peer } of this.#rooms.get(deviceId)?.connections ?? []) {
      if (access.role === "feeder") peer.close(code, reason);
    }
  }

  #receive(room: Room | undefined, from: Connection, text: string): void {
    const message = parseJson(text);
    if (message === undefined) return sendError(from.peer, "invalid_json");
    if (!isRecord(message)) return sendError(from.peer, "invalid_payload");
    if (typeof message.type !== "string") return sendError(from.peer, "missing_type");
    const nowMs = this.#clock.nowMs();
    const isFeeder = from.access.role === "feeder";
    if (room !== undefined && isFeeder) room.lastHeardMs = nowMs;
    if (message.type === "ping") return send(from.peer, { type: "pong", ts: nowMs });
    if (room === undefined) return sendError(from.peer, "read_only");
    const sequence = sequenceOf(message);
    const place = sequence === undefined || !isFeeder ? "new" : placeSequence(room, sequence);
    if (place === "implausible") return sendError(from.peer, "invalid_payload");
    if (place === "new") {
      this.#relay(room, message, from);
      if (isFeeder) for (const listener of this.#listeners) listener(room.deviceId, message);
    }
    if (sequence !== undefined) send(from.peer, { type: "ack", ...sequence, ts: nowMs });
  }

  #relay(room: Room, message: Message, from?: Connection): void {
    const ts = typeof message.ts === "number" ? message.ts : this.#clock.nowMs();
    const eventId = this.#recent.nextId();
    const relayed: RelayedMessage = { ...message, deviceId: room.deviceId, ts, eventId };
    const text = JSON.stringify(relayed);
    for (const connection of room.connections) {
      if (connection !== from) connection.peer.send(text);
    }
    for (const { access, peer } of this.#viewers) {
      if (access.role === "viewer" && isAmong(access.rooms, room.deviceId)) peer.send(text);
    }
    this.#messageCount += 1;
    if (String(message.type).startsWith("event.")) {
      this.#recent.add(room.deviceId, relayed, text.length);
    }
  }

  #roomOf(deviceId: string): Room {
    const known = this.#rooms.get(deviceId);
    if (known !== undefined) return known;
    const room: Room = {
      deviceId,
      connections: new Set(),
      relayedSeq: new Map(),
      lastHeardMs: 0,
    };
    this.#rooms.set(deviceId, room);
    return room;
  }
}

function isAmong(rooms: readonly string[], deviceId: string): boolean {
  return rooms.includes(ALL_ROOMS) || rooms.includes(deviceId);
}

/** Notes a new number; it is repeated when it, or a later one of the same boot, was relayed before. */
function placeSequence(
  { relayedSeq }: Room,
  { bootId, seq }: { readonly bootId: string; readonly seq: number },
): "new" | "repeated" | "implausible" {
  const highest = relayedSeq.get(bootId);
  if (seq <= (highest ?? 0)) return "repeated";
  if (seq > (highest === undefined ? FIRST_SEQ_MAX : highest + SEQ_JUMP_MAX)) return "implausible";
  // Set again, so that the map's order is the order of use.
  relayedSeq.delete(bootId);
  relayedSeq.set(bootId, seq);
  const [oldest] = relayedSeq.keys();
  if (relayedSeq.size > BOOTS_MAX && oldest !== undefined) relayedSeq.delete(oldest);
  return "new";
}

function send(peer: Peer, message: Message): void {
  peer.send(JSON.stringify(message));
}

function sendError(peer: Peer, message: string): void {
  send(peer, { type: "error", message });
}
