import { isRecord } from "../../protocol/json.ts";
import { sequenceOf } from "../../protocol/room-messages.ts";
import { ALL_ROOMS } from "../identity/principal.ts";
import { parseNested } from "../nested-json.ts";
import type { Clock } from "../ports.ts";
import type { Peer } from "./peer.ts";
import { POLICY_VIOLATION, send, sendError } from "./peer.ts";
import type { RelayedMessage } from "./recent-events.ts";
import { RecentEvents } from "./recent-events.ts";
import type { NumberPlace } from "./relayed-numbers.ts";
import { RelayedNumbers } from "./relayed-numbers.ts";
import type { RoomAccess, RoomRefusal } from "./room-token.ts";
import { readRoomToken } from "./room-token.ts";

export interface Member {
  receive(text: string): void;
  leave(): void;
}

export type JoinResult =
  | { readonly kind: "joined"; readonly member: Member }
  | { readonly kind: "refused"; readonly reason: RoomRefusal };

type Message = Readonly<Record<string, unknown>>;
type FeederListener = (deviceId: string, message: Message) => void;

/** A message that entered the rooms of this process. */
export interface Relayed {
  readonly message: RelayedMessage;
  /** Feeders number what they say, and nobody else's numbers count. */
  readonly isFeeders: boolean;
  /** It came from the broker, not from a room. */
  readonly isFromBroker: boolean;
}

interface Origin {
  readonly from?: Connection;
  readonly isFeeders?: boolean;
  readonly isFromBroker?: boolean;
}

interface Connection {
  readonly access: RoomAccess;
  readonly token: string | undefined;
  readonly peer: Peer;
}

interface Room {
  readonly deviceId: string;
  readonly connections: Set<Connection>;
  /** What its feeder has numbered; others do not move it. */
  readonly numbers: RelayedNumbers;
  lastHeardMs: number;
}

/** One room a device: what its feeder sends reaches the others in it, and every viewer. */
export class Rooms {
  readonly #clock: Clock;
  readonly #secret: string;
  readonly #recent: RecentEvents;
  readonly #rooms = new Map<string, Room>();
  readonly #viewers = new Set<Connection>();
  readonly #listeners: FeederListener[] = [];
  readonly #relayListeners: ((relayed: Relayed) => void)[] = [];
  readonly #presenceListeners: ((deviceId: string, isHere: boolean) => void)[] = [];
  readonly #dismissListeners: Rooms["dismissHere"][] = [];
  readonly #presentElsewhere = new Set<string>();
  #messageCount = 0;

  /** The id stands in the ids of events: several processes of one server must not have the same. */
  constructor(clock: Clock, relaySecret: string, processId = clock.nowMs().toString(36)) {
    this.#clock = clock;
    this.#secret = relaySecret;
    this.#recent = new RecentEvents(processId);
  }

  join(token: string | undefined, peer: Peer): JoinResult {
    const nowMs = this.#clock.nowMs();
    const access = readRoomToken(this.#secret, token, nowMs);
    if (typeof access === "string") return { kind: "refused", reason: access };
    const room = access.role === "viewer" ? undefined : this.#roomOf(access.deviceId);
    const connection: Connection = { access, token, peer };
    const connections = room?.connections ?? this.#viewers;
    const wasHere = room !== undefined && hasFeederIn(room);
    connections.add(connection);
    if (room !== undefined && access.role === "feeder") room.lastHeardMs = nowMs;
    const deviceId = room?.deviceId ?? ALL_ROOMS;
    const rooms = access.role === "viewer" ? access.rooms : [deviceId];
    send(peer, { type: "system", message: "connected", deviceId, rooms, ts: nowMs });
    const receive = (text: string) => {
      if (connections.has(connection)) this.#receive(room, connection, text);
    };
    const leave = () => {
      if (!connections.delete(connection) || room === undefined) return;
      if (access.role === "feeder" && !hasFeederIn(room)) this.#tellPresence(deviceId, false);
    };
    if (!wasHere && access.role === "feeder") this.#tellPresence(deviceId, true);
    return { kind: "joined", member: { receive, leave } };
  }

  /** Calls back with each message of a feeder, once, after it was relayed. */
  listen(listener: FeederListener): void {
    this.#listeners.push(listener);
  }

  /** Calls back with each message that is relayed here first, whoever sent it. */
  onRelayed(listener: (relayed: Relayed) => void): void {
    this.#relayListeners.push(listener);
  }

  /** Calls back when the first feeder of a room joins here and when the last has left. */
  onPresence(listener: (deviceId: string, isHere: boolean) => void): void {
    this.#presenceListeners.push(listener);
  }

  /** Sends a message of the server itself to a room, or one of a broker's client. */
  publish(deviceId: string, message: Message, { isFromBroker = false } = {}): void {
    this.#relay(this.#roomOf(deviceId), message, { isFromBroker });
  }

  /** What was relayed while a feeder was away; everybody else has heard it. */
  tellFeeder(deviceId: string, message: Message): void {
    const ts = this.#clock.nowMs();
    for (const { access, peer } of this.#rooms.get(deviceId)?.connections ?? []) {
      if (access.role === "feeder") send(peer, { ts, ...message, deviceId });
    }
  }

  /** What a feeder said to the broker; the same rules as in its room. */
  hear(deviceId: string, message: Message): NumberPlace {
    const room = this.#roomOf(deviceId);
    room.lastHeardMs = this.#clock.nowMs();
    return this.#take(room, message, { isFeeders: true, isFromBroker: true });
  }

  /** Passes on what another process relayed first, under the id it has there. */
  deliver({ message, isFeeders }: Omit<Relayed, "isFromBroker">, deviceId: string): void {
    const room = this.#roomOf(deviceId);
    const sequence = isFeeders ? sequenceOf(message) : undefined;
    if (isFeeders) room.lastHeardMs = this.#clock.nowMs();
    if (sequence !== undefined && room.numbers.place(sequence) === "repeated") return;
    this.#send(room, message);
  }

  /** A feeder may be connected to the broker, or to another process. */
  setPresentElsewhere(deviceId: string, isPresent: boolean): void {
    if (isPresent) this.#presentElsewhere.add(deviceId);
    else this.#presentElsewhere.delete(deviceId);
  }

  isPresentElsewhere(deviceId: string): boolean {
    return this.#presentElsewhere.has(deviceId);
  }

  hasFeeder(deviceId: string): boolean {
    return this.isHere(deviceId) || this.#presentElsewhere.has(deviceId);
  }

  /** Connected to a room of this very process. */
  isHere(deviceId: string): boolean {
    const room = this.#rooms.get(deviceId);
    return room !== undefined && hasFeederIn(room);
  }

  /** Everybody who is connected to a room of this process. */
  feedersHere(): readonly string[] {
    return [...this.#rooms.values()].filter(hasFeederIn).map(({ deviceId }) => deviceId);
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

  /** Closes what viewers have open whose time is over. A feeder's token is for joining alone. */
  closeExpired(): void {
    const nowMs = this.#clock.nowMs();
    for (const { token, peer } of this.#viewers) {
      const access = readRoomToken(this.#secret, token, nowMs);
      if (typeof access === "string") peer.close(POLICY_VIOLATION, access);
    }
  }

  /** Closes what a device has open, wherever; it may come back when it still may. */
  dismiss(deviceId: string, code: number, reason: string): void {
    this.dismissHere(deviceId, code, reason);
    for (const listener of this.#dismissListeners) listener(deviceId, code, reason);
  }

  onDismissed(listener: Rooms["dismissHere"]): void {
    this.#dismissListeners.push(listener);
  }

  /** The same in this process alone. */
  dismissHere(deviceId: string, code: number, reason: string): void {
    for (const { access, peer } of this.#rooms.get(deviceId)?.connections ?? []) {
      if (access.role === "feeder") peer.close(code, reason);
    }
  }

  #receive(room: Room | undefined, from: Connection, text: string): void {
    const message = parseNested(text);
    if (message === undefined) return sendError(from.peer, "invalid_json");
    if (!isRecord(message)) return sendError(from.peer, "invalid_payload");
    if (typeof message.type !== "string") return sendError(from.peer, "missing_type");
    const nowMs = this.#clock.nowMs();
    const isFeeder = from.access.role === "feeder";
    if (room !== undefined && isFeeder) room.lastHeardMs = nowMs;
    if (message.type === "ping") return send(from.peer, { type: "pong", ts: nowMs });
    if (room === undefined) return sendError(from.peer, "read_only");
    const sequence = sequenceOf(message);
    const place = this.#take(room, message, { isFeeders: isFeeder, from });
    if (place === "implausible") return sendError(from.peer, "invalid_payload");
    if (sequence !== undefined) send(from.peer, { type: "ack", ...sequence, ts: nowMs });
  }

  #take(room: Room, message: Message, origin: Origin): NumberPlace {
    const sequence = origin.isFeeders === true ? sequenceOf(message) : undefined;
    const place = sequence === undefined ? "new" : room.numbers.place(sequence);
    if (place !== "new") return place;
    this.#relay(room, message, origin);
    if (origin.isFeeders !== true) return place;
    for (const listener of this.#listeners) listener(room.deviceId, message);
    return place;
  }

  #relay(room: Room, message: Message, origin: Origin = {}): void {
    const ts = typeof message.ts === "number" ? message.ts : this.#clock.nowMs();
    const eventId = this.#recent.nextId();
    const relayed: RelayedMessage = { ...message, deviceId: room.deviceId, ts, eventId };
    this.#send(room, relayed, origin.from);
    const { isFeeders = false, isFromBroker = false } = origin;
    for (const listener of this.#relayListeners) {
      listener({ message: relayed, isFeeders, isFromBroker });
    }
  }

  #send(room: Room, relayed: RelayedMessage, from?: Connection): void {
    const text = JSON.stringify(relayed);
    for (const connection of room.connections) {
      if (connection !== from) connection.peer.send(text);
    }
    for (const { access, peer } of this.#viewers) {
      if (access.role === "viewer" && isAmong(access.rooms, room.deviceId)) peer.send(text);
    }
    this.#messageCount += 1;
    // Who follows a log is there now; kept, it would push out what the page still wants.
    if (String(relayed.type).startsWith("event.") && relayed.type !== "event.log") {
      this.#recent.add(room.deviceId, relayed, text.length);
    }
  }

  #tellPresence(deviceId: string, isHere: boolean): void {
    for (const listener of this.#presenceListeners) listener(deviceId, isHere);
  }

  #roomOf(deviceId: string): Room {
    const known = this.#rooms.get(deviceId);
    if (known !== undefined) return known;
    const room: Room = {
      deviceId,
      connections: new Set(),
      numbers: new RelayedNumbers(),
      lastHeardMs: 0,
    };
    this.#rooms.set(deviceId, room);
    return room;
  }
}

function isAmong(rooms: readonly string[], deviceId: string): boolean {
  return rooms.includes(ALL_ROOMS) || rooms.includes(deviceId);
}

function hasFeederIn({ connections }: Room): boolean {
  return [...connections].some(({ access }) => access.role === "feeder");
}
