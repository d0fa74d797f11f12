import { createHash } from "node:crypto";
import { isDeviceId } from "../../protocol/ids.ts";
import { isRecord, parseRecord } from "../../protocol/json.ts";
import type { RelayedMessage } from "../relay/recent-events.ts";
import type { Relayed } from "../relay/rooms.ts";
import type { Broker, Inbox } from "./broker.ts";
import { parseStatus } from "./payloads.ts";
import type { MirrorPorts } from "./topic-mirror.ts";
import { TopicMirror } from "./topic-mirror.ts";
import { parseTopic, ROOT } from "./topics.ts";

/** No device has this name: theirs start with a letter or a digit. */
const SERVERS = `${ROOT}/_servers`;
/** How long the retained word of a server may come after that of its feeders. */
const SETTLE_MS = 5_000;

type Subject = "alive" | "relayed" | "dismissed";

export function serverTopic(processId: string, subject: Subject): string {
  return `${SERVERS}/${processId}/${subject}`;
}

type GroupPorts = MirrorPorts & { readonly processId: string };

/** The processes of one server, which find each other through the broker: their rooms are one. */
export class ServerGroup implements Inbox {
  readonly #ports: GroupPorts;
  readonly #broker: Broker;
  readonly #mirror: TopicMirror;
  readonly #alive = new Set<string>();
  /** Which server a feeder was said to be connected to. */
  readonly #servers = new Map<string, string>();
  /** The last number of each process's event ids: QoS 1 may bring a message twice. */
  readonly #lastOrders = new Map<string, number>();

  constructor(ports: GroupPorts, broker: Broker) {
    this.#ports = ports;
    this.#broker = broker;
    // Before the mirror: who hears of a message on its topic finds it in every room.
    ports.rooms.onRelayed((relayed) => this.#share(relayed));
    ports.rooms.onDismissed((deviceId, code, reason) =>
      this.#say("dismissed", { deviceId, code, reason }),
    );
    this.#mirror = new TopicMirror(ports, broker);
  }

  /** Says who is here; a broker that was away may have forgotten. */
  announce(): void {
    const { rooms, clock, background, processId } = this.#ports;
    background.run(() =>
      this.#broker.publish(serverTopic(processId, "alive"), "1", { retain: true }),
    );
    for (const deviceId of rooms.feedersHere()) {
      background.run(() => this.#mirror.publishStatus(deviceId, true, clock.nowMs()));
    }
  }

  async take(topic: string, payload: Uint8Array): Promise<void> {
    const [root, group, processId = "", subject] = topic.split("/");
    const text = () => Buffer.from(payload).toString();
    if (`${root}/${group}` === SERVERS) {
      if (subject === "alive") return this.#takeAlive(processId, payload.length > 0);
      if (processId === this.#ports.processId) return;
      return subject === "dismissed" ? this.#takeDismissed(text()) : this.#takeRelayed(text());
    }
    const target = parseTopic(topic);
    if (target?.kind === "status") return this.#takeStatus(target.deviceId, text());
    if (target !== undefined && this.#isMine(target.deviceId)) {
      return this.#mirror.take(topic, payload);
    }
  }

  /** What a device says to the broker all servers hear; the one that ranks it first takes it in for all. */
  #isMine(deviceId: string): boolean {
    const rank = (server: string) =>
      createHash("sha256").update(`${server}/${deviceId}`).digest("hex");
    const ranked = [...this.#alive].sort((one, other) => (rank(one) < rank(other) ? -1 : 1));
    return ranked[0] === this.#ports.processId;
  }

  #share({ message, isFeeders }: Relayed): void {
    this.#say("relayed", { message, isFeeders });
  }

  #say(subject: Subject, what: object): void {
    const topic = serverTopic(this.#ports.processId, subject);
    const text = JSON.stringify(what);
    this.#ports.background.run(() => this.#broker.publish(topic, text));
  }

  /** Somebody whose token was revoked at another server may be connected here. */
  #takeDismissed(text: string): void {
    const { deviceId, code, reason } = parseRecord(text) ?? {};
    if (!isDeviceId(deviceId) || typeof code !== "number" || typeof reason !== "string") return;
    this.#ports.rooms.dismissHere(deviceId, code, reason);
  }

  #takeRelayed(text: string): void {
    const { message, isFeeders } = parseRecord(text) ?? {};
    if (!isRecord(message) || !isDeviceId(message.deviceId)) return;
    const [epoch = "", order] = String(message.eventId).split("-");
    if (Number(order) <= (this.#lastOrders.get(epoch) ?? 0)) return;
    this.#lastOrders.set(epoch, Number(order));
    const relayed = message as RelayedMessage;
    this.#ports.rooms.deliver(
      { message: relayed, isFeeders: isFeeders === true },
      message.deviceId,
    );
  }

  /** Its own word comes back too: from then on the others know of it. */
  async #takeAlive(processId: string, isAlive: boolean): Promise<void> {
    if (isAlive) return void this.#alive.add(processId);
    this.#alive.delete(processId);
    this.#lastOrders.delete(processId);
    await this.#bury(processId);
  }

  /** Its feeders are gone with it, until they turn up at another. */
  async #bury(processId: string): Promise<void> {
    const { rooms, clock } = this.#ports;
    // One of the living says so for all.
    const isSpeaker = [...this.#alive].sort()[0] === this.#ports.processId;
    for (const [deviceId, server] of [...this.#servers]) {
      if (server !== processId) continue;
      this.#servers.delete(deviceId);
      rooms.setPresentElsewhere(deviceId, false);
      if (!isSpeaker || rooms.isHere(deviceId)) continue;
      await this.#mirror.publishStatus(deviceId, false, clock.nowMs());
    }
  }

  async #takeStatus(deviceId: string, text: string): Promise<void> {
    const { rooms, clock, processId } = this.#ports;
    const status = parseStatus(text);
    if (status?.server === processId) return;
    const isOnline = status?.isOnline === true;
    rooms.setPresentElsewhere(deviceId, isOnline);
    if (isOnline && status.server !== undefined) this.#place(deviceId, status.server);
    else this.#servers.delete(deviceId);
    // Another server, or the feeder's other connection, did not know better.
    if (!isOnline && rooms.isHere(deviceId)) {
      await this.#mirror.publishStatus(deviceId, true, clock.nowMs());
    }
  }

  #place(deviceId: string, server: string): void {
    this.#servers.set(deviceId, server);
    if (this.#alive.has(server)) return;
    this.#ports.clock.after(SETTLE_MS, () => {
      if (!this.#alive.has(server)) this.#ports.background.run(() => this.#bury(server));
    });
  }
}
