import { Readable } from "node:stream";
import { covers } from "./access.ts";
import type { Publication, Sessions, Subscription } from "./sessions.ts";

interface Client {
  readonly id: string;
}

/** Nobody ends what a client that stays away has left; one that comes back after so many others may repeat itself. */
const UNRELEASED_CLIENTS_MAX = 1_000;

type Packet = Publication & { readonly messageId?: number };

interface Will {
  brokerId?: string;
  clientId?: string;
}

/** The broker's state in the shape that aedes asks for: sessions are kept, the rest lives as long as the process. */
export class BrokerState {
  readonly #sessions: Sessions;
  readonly #maySubscribe: (client: Client, filter: string) => boolean;
  readonly #retained = new Map<string, Publication>();
  /** QoS 2, between its first and its second half, by client. */
  readonly #unreleased = new Map<string, Map<number | undefined, Packet>>();
  readonly #wills = new Map<string, Will>();
  #brokerId = "";

  constructor(sessions: Sessions, maySubscribe: (client: Client, filter: string) => boolean) {
    this.#sessions = sessions;
    this.#maySubscribe = maySubscribe;
  }

  async setup(broker: { readonly id: string }): Promise<void> {
    this.#brokerId = broker.id;
  }

  async storeRetained(packet: Publication): Promise<void> {
    if (packet.payload.length === 0) this.#retained.delete(packet.topic);
    else this.#retained.set(packet.topic, { ...packet });
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    const wanted = [...this.#retained.values()].filter(({ topic }) =>
      filters.some((filter) => covers(filter, topic)),
    );
    return Readable.from(wanted);
  }

  /** aedes hands over every filter of the request, those it was told to refuse among them. */
  async addSubscriptions(client: Client, asked: readonly Subscription[]): Promise<void> {
    const granted = asked.filter(({ topic }) => this.#maySubscribe(client, topic));
    await this.#sessions.subscribe(client.id, granted);
  }

  async removeSubscriptions(client: Client, filters: readonly string[]): Promise<void> {
    await this.#sessions.unsubscribe(client.id, filters);
  }

  async subscriptionsByClient(client: Client): Promise<Subscription[]> {
    return this.#sessions.resume(client.id);
  }

  async subscriptionsByTopic(topic: string) {
    return this.#sessions.subscribers(topic);
  }

  async cleanSubscriptions(client: Client): Promise<void> {
    await this.#sessions.end(client.id);
  }

  async outgoingEnqueueCombi(
    subscribers: readonly { readonly clientId: string }[],
    packet: Publication,
  ): Promise<void> {
    const ids = subscribers.map(({ clientId }) => clientId);
    await this.#sessions.enqueue(ids, packet);
  }

  async outgoingUpdate(client: Client, packet: Packet): Promise<void> {
    this.#sessions.sending(client.id, packet);
  }

  async outgoingClearMessageId(client: Client, packet: Packet): Promise<Publication | undefined> {
    return this.#sessions.settle(client.id, packet);
  }

  outgoingStream(client: Client): Readable {
    const sessions = this.#sessions;
    return Readable.from(
      (async function* () {
        yield* await sessions.waiting(client.id);
      })(),
    );
  }

  async incomingStorePacket(client: Client, packet: Packet): Promise<void> {
    const stored = this.#unreleased.get(client.id) ?? new Map();
    this.#unreleased.set(client.id, stored.set(packet.messageId, packet));
    const [oldest] = this.#unreleased.keys();
    const isFull = this.#unreleased.size > UNRELEASED_CLIENTS_MAX;
    if (isFull && oldest !== undefined) this.#unreleased.delete(oldest);
  }

  hasIncoming(client: Client, messageId: number | undefined): boolean {
    return this.#unreleased.get(client.id)?.has(messageId) === true;
  }

  async incomingGetPacket(client: Client, { messageId }: Packet): Promise<Packet> {
    const packet = this.#unreleased.get(client.id)?.get(messageId);
    if (packet === undefined) throw new Error("no such packet");
    return packet;
  }

  async incomingDelPacket(client: Client, packet: Packet): Promise<void> {
    await this.incomingGetPacket(client, packet);
    const stored = this.#unreleased.get(client.id);
    stored?.delete(packet.messageId);
    if (stored?.size === 0) this.#unreleased.delete(client.id);
  }

  async cleanIncoming(client: Client): Promise<void> {
    this.#unreleased.delete(client.id);
  }

  async putWill(client: Client, will: Will): Promise<void> {
    this.#wills.set(
      client.id,
      Object.assign(will, { brokerId: this.#brokerId, clientId: client.id }),
    );
  }

  async delWill(client: Client): Promise<Will | undefined> {
    const will = this.#wills.get(client.id);
    this.#wills.delete(client.id);
    return will;
  }

  /** Wills that other brokers left behind; there are none. */
  streamWill(): Readable {
    return Readable.from([]);
  }
}
