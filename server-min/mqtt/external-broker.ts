import type { IClientOptions, MqttClient } from "mqtt";
import { connect } from "mqtt";
import type { Clock } from "../ports.ts";
import type { Broker, BrokerCounters, Inbox } from "./broker.ts";
import { serverTopic } from "./server-group.ts";
import { ROOT } from "./topics.ts";

const RECONNECT_MS = 2_000;
const KEEPALIVE_SECONDS = 30;
/** While the broker is away, rooms go on without it: what it missed is not worth the memory of more. */
const PENDING_MAX = 10_000;
/** What is under way when the server stops has this long. */
const CLOSE_LIMIT_MS = 1_000;
/** The servers first: the status of a feeder names the server it is at. */
const FILTERS = [
  serverTopic("+", "alive"),
  serverTopic("+", "relayed"),
  serverTopic("+", "dismissed"),
  `${ROOT}/+/status`,
  `${ROOT}/+/cmd/+`,
  `${ROOT}/+/event/+`,
];

export interface ExternalOptions {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly processId: string;
  readonly clock: Clock;
  notice(text: string): void;
  report(error: unknown): void;
}

/** A broker of its own, which passes on by itself what its clients publish. */
export class ExternalBroker implements Broker {
  readonly passesOn = true;
  readonly #options: ExternalOptions;
  #client: MqttClient | undefined;
  #pending = 0;
  #lastTrouble = "";
  #closed = Promise.withResolvers<void>();
  #counts = { received: 0, published: 0, refused: 0 };

  constructor(options: ExternalOptions) {
    this.#options = options;
  }

  /** Connects and stays connected; `joined` is called each time anew. */
  serve(inbox: Inbox, joined: () => void): void {
    const client = connect(this.#options.url, this.#connectOptions());
    this.#client = client;
    client.on("connect", () => {
      this.#lastTrouble = "";
      client.subscribe(FILTERS, { qos: 1 }, (error) => {
        if (error) this.#tell(error);
        else joined();
      });
    });
    client.on("message", (topic, payload) => {
      this.#counts.received += 1;
      inbox.take(topic, payload).catch(this.#options.report);
    });
    client.on("error", (error) => this.#tell(error));
  }

  publish(
    topic: string,
    payload: string,
    { retain = false, qos = 1 as 0 | 1 } = {},
  ): Promise<void> {
    const client = this.#client;
    if (client === undefined || this.#pending >= PENDING_MAX) {
      this.#counts.refused += 1;
      return Promise.resolve();
    }
    this.#pending += 1;
    const sent = new Promise<void>((done) => {
      client.publish(topic, payload, { qos, retain }, (error) => {
        this.#pending -= 1;
        if (error) this.#counts.refused += 1;
        else this.#counts.published += 1;
        done();
      });
    });
    return Promise.race([sent, this.#closed.promise]);
  }

  /** Rejects while this server is not connected to it. */
  async probe(): Promise<void> {
    if (this.#client?.connected !== true) throw new Error("the MQTT broker is not connected");
  }

  counters(): BrokerCounters {
    return { clients: this.#client?.connected === true ? 1 : 0, ...this.#counts };
  }

  async close(): Promise<void> {
    const client = this.#client;
    if (client?.connected === true) {
      const said = this.publish(serverTopic(this.#options.processId, "alive"), "", {
        retain: true,
      });
      const limit = new Promise<void>((over) => this.#options.clock.after(CLOSE_LIMIT_MS, over));
      await Promise.race([said.then(() => client.endAsync()), limit]);
    }
    this.#closed.resolve();
    client?.end(true);
  }

  #connectOptions(): IClientOptions {
    const { processId, username, password } = this.#options;
    return {
      // 3.1.1: NATS speaks no other, and nothing here needs more.
      protocolVersion: 4,
      clientId: `skyfeeder-${processId}`,
      clean: true,
      // Subscribed anew in `connect`, in an order that matters.
      resubscribe: false,
      queueQoSZero: false,
      reconnectPeriod: RECONNECT_MS,
      reconnectOnConnackError: true,
      keepalive: KEEPALIVE_SECONDS,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      will: { topic: serverTopic(processId, "alive"), payload: "", qos: 1, retain: true },
    };
  }

  /** Once, not at each of the attempts. */
  #tell(error: Error): void {
    const trouble = error.message || String(error);
    if (trouble === this.#lastTrouble) return;
    this.#lastTrouble = trouble;
    this.#options.notice(`MQTT broker at ${hostOf(this.#options.url)}: ${trouble}`);
  }
}

/** Without what may be secret in it. */
function hostOf(url: string): string {
  return URL.parse(url)?.host ?? "?";
}
