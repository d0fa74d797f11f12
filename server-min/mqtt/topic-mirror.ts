import type { Kysely } from "kysely";
import { sequenceOf } from "../../protocol/room-messages.ts";
import type { Background } from "../background.ts";
import { touchDevice } from "../devices/device-rows.ts";
import type { Clock } from "../ports.ts";
import type { Relayed, Rooms } from "../relay/rooms.ts";
import { SerialQueue } from "../serial-queue.ts";
import type { Database } from "../storage/schema.ts";
import type { Broker, Inbox } from "./broker.ts";
import { KeptCommands } from "./kept-commands.ts";
import { formatStatus, parseStatus, toMessage, toPublication } from "./payloads.ts";
import type { DeviceTopic } from "./topics.ts";
import { ACKNOWLEDGEMENT, formatTopic, parseTopic } from "./topics.ts";

export interface MirrorPorts {
  readonly rooms: Rooms;
  readonly sql: Kysely<Database>;
  readonly clock: Clock;
  readonly background: Background;
  /** Stands in the status of a feeder whose connection is here; undefined for a process that is alone. */
  readonly processId: string | undefined;
}

type SaidTopic = Exclude<DeviceTopic, { kind: "status" }>;

/** Rooms and topics as one: what is said in either is heard in both, once. */
export class TopicMirror implements Inbox {
  readonly #ports: MirrorPorts;
  readonly #broker: Broker;
  readonly #kept: KeptCommands;
  /** By device. A command that finds its feeder away and the feeder that comes back meet in the database. */
  readonly #turns = new SerialQueue();
  #published: Promise<void> = Promise.resolve();

  constructor(ports: MirrorPorts, broker: Broker) {
    this.#ports = ports;
    this.#broker = broker;
    this.#kept = new KeptCommands(ports.sql, ports.clock);
    ports.rooms.onRelayed((relayed) => this.#publish(relayed));
    ports.rooms.onPresence((deviceId, isHere) => this.#tellPresence(deviceId, isHere));
  }

  /** When this is done, the message is as safe as the broker keeps it. */
  async take(topic: string, payload: Uint8Array): Promise<void> {
    const target = parseTopic(topic);
    if (target === undefined) return;
    const text = Buffer.from(payload).toString();
    // In the order of arrival: a number that comes late would be taken for a repeated one.
    await this.#turns.run(target.deviceId, () => {
      switch (target.kind) {
        case "status":
          return this.#takeStatus(target.deviceId, text);
        case "event":
          return this.#takeEvent(target, text);
        case "cmd":
          return this.#takeCommand(target, text);
      }
    });
  }

  /** The status of a feeder as this server knows it: for topics of devices that it heard of before it started. */
  async publishStatus(deviceId: string, isOnline: boolean, ts: number): Promise<void> {
    const { rooms, processId } = this.#ports;
    const server = rooms.isHere(deviceId) ? processId : undefined;
    const status = formatStatus({ deviceId, isOnline, ts, server });
    await this.#broker.publish(formatTopic({ kind: "status", deviceId }), status, { retain: true });
  }

  async #takeEvent(target: SaidTopic, text: string): Promise<void> {
    const { rooms, sql, clock } = this.#ports;
    const { deviceId } = target;
    const { message, isRelayed } = toMessage(target, text);
    if (isRelayed && this.#broker.passesOn) return;
    if (rooms.lastHeardMs(deviceId) === 0) await touchDevice(sql, deviceId, clock.nowMs());
    const place = await this.#publishedBy(() => rooms.hear(deviceId, message));
    const sequence = sequenceOf(message);
    if (place === "implausible" || sequence === undefined) return;
    const ack = formatTopic({ kind: "cmd", deviceId, name: ACKNOWLEDGEMENT });
    await this.#broker.publish(ack, JSON.stringify({ ...sequence, ts: clock.nowMs() }), { qos: 0 });
  }

  async #takeCommand(target: SaidTopic, text: string): Promise<void> {
    const { rooms } = this.#ports;
    const { deviceId, name } = target;
    const { message, isRelayed } = toMessage(target, text);
    if (name === ACKNOWLEDGEMENT || (isRelayed && this.#broker.passesOn)) return;
    if (!rooms.hasFeeder(deviceId)) await this.#kept.keep(deviceId, name, message);
    await this.#publishedBy(() => rooms.publish(deviceId, message, { isFromBroker: true }));
  }

  /** Rooms call back before they return; when this is done, the broker has what they called back with. */
  async #publishedBy<Result>(say: () => Result): Promise<Result> {
    this.#published = Promise.resolve();
    const result = say();
    await this.#published;
    return result;
  }

  async #takeStatus(deviceId: string, text: string): Promise<void> {
    const { rooms, sql, clock } = this.#ports;
    const status = parseStatus(text);
    const isOnline = status?.isOnline === true;
    rooms.setPresentElsewhere(deviceId, isOnline);
    if (isOnline) {
      await touchDevice(sql, deviceId, clock.nowMs());
      // Its own session has the commands for a device on the broker.
      await this.#kept.take(deviceId);
    }
    const topic = formatTopic({ kind: "status", deviceId });
    // A retained message without bytes takes the one before away.
    if (status === undefined) return this.#broker.publish(topic, "", { retain: true });
    await this.publishStatus(deviceId, rooms.hasFeeder(deviceId), clock.nowMs());
  }

  #publish({ message, isFromBroker }: Relayed): void {
    if (isFromBroker && this.#broker.passesOn) return;
    const publication = toPublication(message);
    if (publication === undefined) return;
    const { topic, payload } = publication;
    this.#published = this.#broker.publish(formatTopic(topic), payload);
    // Whoever waits for it is told of a failure too; nobody may wait.
    this.#ports.background.run(() => this.#published);
  }

  #tellPresence(deviceId: string, isHere: boolean): void {
    const { rooms, clock, background } = this.#ports;
    background.run(async () => {
      if (isHere || !rooms.isPresentElsewhere(deviceId)) {
        await this.publishStatus(deviceId, isHere, clock.nowMs());
      }
      if (isHere) await this.#turns.run(deviceId, () => this.#deliverKept(deviceId));
    });
  }

  async #deliverKept(deviceId: string): Promise<void> {
    const { rooms } = this.#ports;
    for (const message of await this.#kept.take(deviceId)) {
      rooms.tellFeeder(deviceId, message);
    }
  }
}
