import type { ServerSocket, SocketPeer } from "../../../host-sim/network/internet.ts";
import type { ServerProcess } from "../../../host-sim/peers/server-process.ts";
import type { Authenticate } from "../../../server-min/mqtt/access.ts";
import { authenticateClients } from "../../../server-min/mqtt/authenticate.ts";
import type { Broker, BrokerCounters, Inbox } from "../../../server-min/mqtt/broker.ts";
import { type Publication, Sessions } from "../../../server-min/mqtt/sessions.ts";
import { TopicMirror } from "../../../server-min/mqtt/topic-mirror.ts";
import type { AppPorts, Clock } from "../../../server-min/ports.ts";
import { BrokerConnection } from "./broker-connection.ts";

export async function openWorldBroker(
  ports: AppPorts,
  process: ServerProcess,
): Promise<WorldBroker> {
  const broker = new WorldBroker({
    process,
    clock: ports.clock,
    sessions: await Sessions.load(ports.sql, ports.clock),
    authenticate: authenticateClients(ports),
    report: ports.report,
  });
  await broker.serve(ports);
  return broker;
}

/**
 * The broker of a server in the world. Who may do what and what waits for whom is the server's own code; the connections
 * are the world's, for those of aedes live by Node's streams and timers.
 */
export class WorldBroker implements Broker {
  readonly passesOn = false;
  /** Of what is retained the newest, by topic; no process knows what one before had. */
  readonly retained = new Map<string, string>();
  readonly clock: Clock;
  readonly sessions: Sessions;
  readonly authenticate: Authenticate;
  readonly #process: ServerProcess;
  readonly #report: (error: unknown) => void;
  /** By the name of the session. */
  readonly #loggedIn = new Map<string, BrokerConnection>();
  readonly #connections = new Set<BrokerConnection>();
  #inbox: Inbox | undefined;
  #counts = { received: 0, published: 0, refused: 0 };

  constructor(options: {
    readonly process: ServerProcess;
    readonly clock: Clock;
    readonly sessions: Sessions;
    readonly authenticate: Authenticate;
    readonly report: (error: unknown) => void;
  }) {
    this.#process = options.process;
    this.clock = options.clock;
    this.sessions = options.sessions;
    this.authenticate = options.authenticate;
    this.#report = options.report;
  }

  /** The mirror between it and the rooms, as a server that starts has it. */
  async serve(ports: AppPorts): Promise<void> {
    const mirror = new TopicMirror({ ...ports, processId: undefined }, this);
    this.#inbox = mirror;
    const devices = await ports.sql.selectFrom("devices").selectAll().execute();
    for (const { device_id, last_seen_ms } of devices) {
      await mirror.publishStatus(device_id, ports.rooms.hasFeeder(device_id), last_seen_ms);
    }
  }

  accept(peer: SocketPeer): ServerSocket {
    const connection = new BrokerConnection(this, peer);
    this.#connections.add(connection);
    peer.opened();
    return {
      send: (octets) => {
        if (this.#process.isAlive) connection.receive(octets).catch(this.#report);
      },
      close: () => this.hangUp(connection, "closed"),
    };
  }

  hangUp(connection: BrokerConnection, reason: string): void {
    if (this.#process.isAlive) connection.end(reason).catch(this.#report);
  }

  /** The operating system resets every connection; of a dead process nobody says a will. */
  breakAll(): void {
    for (const connection of this.#connections) connection.cut();
    this.#connections.clear();
  }

  /** Two of one name cannot be: the one before is ended. */
  async loggedIn(connection: BrokerConnection, sessionId: string): Promise<void> {
    const before = this.#loggedIn.get(sessionId);
    this.#loggedIn.set(sessionId, connection);
    await before?.end("taken over");
  }

  ended(connection: BrokerConnection, sessionId: string): void {
    this.#connections.delete(connection);
    if (this.#loggedIn.get(sessionId) === connection) this.#loggedIn.delete(sessionId);
  }

  refused(): void {
    this.#counts.refused += 1;
  }

  async take(topic: string, payload: Uint8Array): Promise<void> {
    this.#counts.received += 1;
    await this.#inbox?.take(topic, payload);
  }

  async publish(
    topic: string,
    payload: string,
    { retain = false, qos = 1 as 0 | 1 } = {},
  ): Promise<void> {
    const brokerCounter = ++this.#counts.published;
    if (retain) this.retained.set(topic, payload);
    const publication: Publication = {
      brokerId: "world",
      brokerCounter,
      topic,
      payload: Buffer.from(payload),
    };
    const ids = this.sessions.subscribers(topic).map(({ clientId }) => clientId);
    if (qos === 1) await this.sessions.enqueue(ids, publication);
    for (const id of ids) this.#loggedIn.get(id)?.deliver(publication, qos);
  }

  counters(): BrokerCounters {
    return { clients: this.#loggedIn.size, ...this.#counts };
  }

  async close(): Promise<void> {
    this.breakAll();
  }
}
