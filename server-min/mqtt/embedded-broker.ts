import type { Socket } from "node:net";
import type { AedesPublishPacket, AuthenticateError, Client, PublishPacket } from "aedes";
import { Aedes } from "aedes";
import type { Kysely } from "kysely";
import { Audit } from "../identity/audit.ts";
import type { Principal } from "../identity/principal.ts";
import type { Clock } from "../ports.ts";
import type { Database } from "../storage/schema.ts";
import type { Authenticate } from "./access.ts";
import { mayPublish, maySubscribe, sessionOwner } from "./access.ts";
import type { Broker, BrokerCounters, Inbox } from "./broker.ts";
import type { BrokerPorts } from "./broker-ports.ts";
import { BrokerState } from "./broker-state.ts";
import { PacketSizes } from "./packet-sizes.ts";
import { Sessions, sessionId } from "./sessions.ts";

/** A room takes messages of 64 KiB; the topic and the packet's own fields come on top. */
const PACKET_BYTES_MAX = 65 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
/** What may wait for one slow client before it costs the others memory, and how long its senders wait for it. */
const BUFFERED_BYTES_MAX = 1024 * 1024;
const DRAIN_TIMEOUT_MS = 10_000;
/** Packets sent before the answer to the first one. */
const EARLY_PACKETS_MAX = 16;
/** Sent with QoS 2 and not released: a client that means it has a few. */
const UNRELEASED_MAX = 20;
const NOTHING = Buffer.alloc(0);
const SUBSCRIPTIONS_MAX = 64;
/** It is kept in the database, and Postgres holds no U+0000. */
const CLIENT_ID = /^[^\p{Cc}]{0,128}$/u;
const BAD_CREDENTIALS = 4;
/** A token that was revoked or has expired ends its connection this much later. */
const RECHECK_MS = 60_000;
/** A command has some hundred; the log is to hold years. */
const NOTED_CHARACTERS_MAX = 1_000;
/** Nobody can subscribe to it; aedes has no other way to acknowledge and not pass on. */
const NOWHERE = "$SYS/taken";

export interface EmbeddedOptions {
  readonly ports: BrokerPorts;
  readonly clock: Clock;
  readonly sql: Kysely<Database>;
  report(error: unknown): void;
}

interface Login {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly principal: Principal;
  readonly filters: Set<string>;
}

/** With the sessions that the database has kept. */
export async function openEmbeddedBroker(options: EmbeddedOptions): Promise<EmbeddedBroker> {
  return new EmbeddedBroker(await Sessions.load(options.sql, options.clock), options);
}

/** The broker in this server. What clients publish goes to the rooms first; the mirror publishes what becomes of it. */
export class EmbeddedBroker implements Broker {
  readonly passesOn = false;
  readonly #options: EmbeddedOptions;
  readonly #sessions: Sessions;
  readonly #state: BrokerState;
  readonly #aedes: Aedes;
  /** A will comes after its connection has ended, and is still its client's. */
  readonly #logins = new WeakMap<object, Login>();
  readonly #connected = new Set<Client>();
  readonly #audit: Audit;
  #inbox: Inbox | undefined;
  #authenticate: Authenticate = async () => undefined;
  #isClosed = false;
  #counts = { received: 0, published: 0, refused: 0 };

  constructor(sessions: Sessions, options: EmbeddedOptions) {
    this.#options = options;
    this.#audit = new Audit(options);
    this.#sessions = sessions;
    this.#state = new BrokerState(sessions, (client, filter) => this.#mayHear(client, filter));
    this.#aedes = new Aedes({
      persistence: this.#state,
      // 0 is no limit: at a limit, one slow client would hold up all the others.
      concurrency: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      drainTimeout: DRAIN_TIMEOUT_MS,
      queueLimit: EARLY_PACKETS_MAX,
      maxInflightInbound: UNRELEASED_MAX,
      preConnect: (_, { clean, clientId }, done) => {
        // A session without a name could never be found again [MQTT-3.1.3-8].
        const isNamed = clean !== false || clientId !== "";
        if (!isNamed || !CLIENT_ID.test(clientId)) done(new Error("no usable client id"), false);
        else done(null, true);
      },
      authenticate: (client, username, password, done) =>
        void this.#logIn(client, username, password?.toString()).then(
          (isGood) => (isGood ? done(null, true) : done(badCredentials(), false)),
          (error) => done(this.#fault(error), false),
        ),
      authorizeSubscribe: (client, asked, done) =>
        done(null, this.#grants(client, asked.topic) ? asked : null),
      authorizePublish: (client, packet, done) => void this.#take(client, packet).then(done),
      authorizeForward: (client, packet) => (this.#mayForward(client, packet) ? packet : null),
    });
    this.#aedes.addListener("error", options.report);
    options.ports.serve((socket) => this.#connect(socket));
  }

  /** Takes clients from now on. */
  async serve(inbox: Inbox, authenticate: Authenticate): Promise<void> {
    this.#authenticate = authenticate;
    await this.#aedes.listen();
    this.#inbox = inbox;
    this.#recheckLater();
  }

  publish(
    topic: string,
    payload: string,
    { retain = false, qos = 1 as 0 | 1 } = {},
  ): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#counts.published += 1;
    const packet: PublishPacket = {
      cmd: "publish",
      topic,
      payload: Buffer.from(payload),
      qos,
      retain,
      dup: false,
    };
    return new Promise((resolve, reject) => {
      this.#aedes.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  }

  counters(): BrokerCounters {
    return { clients: this.#connected.size, ...this.#counts };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await new Promise<void>((closed) => this.#aedes.close(closed));
    await this.#options.ports.close();
  }

  #connect(socket: Socket): void {
    if (this.#inbox === undefined) return void socket.destroy();
    limitPackets(socket);
    const client = this.#aedes.handle(socket);
    socket.once("close", () => this.#connected.delete(client));
  }

  async #logIn(
    client: Client,
    username: string | undefined,
    password: string | undefined,
  ): Promise<boolean> {
    const principal = await this.#authenticate(username, password);
    if (principal === undefined) this.#counts.refused += 1;
    if (principal === undefined || client.conn.destroyed) return false;
    client.id = sessionId(sessionOwner(principal, password), client.id);
    this.#logins.set(client, { username, password, principal, filters: new Set() });
    this.#connected.add(client);
    return true;
  }

  #mayHear(client: object, filter: string): boolean {
    const login = this.#logins.get(client);
    return login !== undefined && maySubscribe(login.principal, filter);
  }

  #grants(client: Client, filter: string): boolean {
    const filters = this.#logins.get(client)?.filters;
    const isGranted =
      filters !== undefined &&
      (filters.has(filter) || filters.size < SUBSCRIPTIONS_MAX) &&
      this.#mayHear(client, filter);
    if (isGranted) filters.add(filter);
    else this.#counts.refused += 1;
    return isGranted;
  }

  /** What waited in a session was subscribed to when its client was perhaps allowed more. */
  #mayForward(client: Client, { topic }: AedesPublishPacket): boolean {
    const { conn } = client;
    if (conn.writableLength > BUFFERED_BYTES_MAX) {
      conn.destroy();
      return false;
    }
    return this.#mayHear(client, topic);
  }

  /** Answers an error for what ends the connection: MQTT 3.1.1 has no milder refusal that the client would notice. */
  async #take(client: Client | null, packet: PublishPacket): Promise<Error | null> {
    const login = client === null ? undefined : this.#logins.get(client);
    const { topic } = packet;
    if (client === null || login === undefined || !mayPublish(login.principal, topic)) {
      this.#counts.refused += 1;
      return new Error(`not allowed: ${topic.slice(0, 128)}`);
    }
    packet.topic = NOWHERE;
    packet.retain = false;
    if (packet.qos === 2 && this.#state.hasIncoming(client, packet.messageId)) return null;
    this.#counts.received += 1;
    const text = Buffer.from(packet.payload);
    // aedes keeps what came with QoS 2 until it is released, which may be never.
    packet.payload = NOTHING;
    const taken = this.#inbox?.take(topic, text);
    return taken === undefined
      ? new Error("not ready")
      : taken
          .then(() => this.#note(login.principal, topic, text))
          .then(
            () => null,
            (error: unknown) => this.#fault(error),
          );
  }

  /** On the broker an operator may also speak in a device's name: the log has that too. */
  async #note(principal: Principal, target: string, payload: Buffer): Promise<void> {
    if (principal.kind !== "operator") return;
    const after = { payload: payload.toString().slice(0, NOTED_CHARACTERS_MAX) };
    await this.#audit.note({ who: principal.name, action: "publish", target, after });
  }

  #fault(error: unknown): AuthenticateError {
    this.#options.report(error);
    return Object.assign(new Error("server unavailable"), { returnCode: 3 });
  }

  #recheckLater(): void {
    this.#options.clock.after(RECHECK_MS, () => {
      if (this.#isClosed) return;
      this.#recheck()
        .catch(this.#options.report)
        .finally(() => this.#recheckLater());
    });
  }

  async #recheck(): Promise<void> {
    for (const { id } of this.#connected) await this.#sessions.stay(id);
    await this.#sessions.expire();
    for (const client of [...this.#connected]) {
      const login = this.#logins.get(client);
      const now = await this.#authenticate(login?.username, login?.password);
      if (JSON.stringify(now) !== JSON.stringify(login?.principal)) client.close();
    }
  }
}

/** Looks at what aedes is about to read: by the time its parser knows of a length, it has made room for it. */
function limitPackets(socket: Socket): void {
  const sizes = new PacketSizes(PACKET_BYTES_MAX);
  const read = socket.read.bind(socket);
  socket.read = (size?: number) => {
    const chunk: Buffer | null = read(size);
    if (chunk === null || sizes.accept(chunk)) return chunk;
    socket.destroy();
    return null;
  };
}

function badCredentials(): AuthenticateError {
  return Object.assign(new Error("bad user name or password"), { returnCode: BAD_CREDENTIALS });
}
