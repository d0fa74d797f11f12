import MQTTClient from "embedded:network/mqtt/client";
import TextDecoder from "text/decoder";
import TextEncoder from "text/encoder";
import Timer from "timer";
import type { Mqtt, MqttConnection, MqttEvents, MqttTarget } from "../session-ports.ts";
import { type Attempt, connectionOptions } from "./connection.ts";
import type { Enter } from "./entry.ts";
import { Pieces } from "./pieces.ts";
import { parseUrl, type Url } from "./url.ts";

/** A command with its signed manifest is about 3 KB; what is larger is not for a feeder. */
const MESSAGE_BYTES_MAX = 8192;

/**
 * Left free in the socket at each write: the client acknowledges by itself what the broker had kept, four bytes each,
 * and does not say how much room that took. It throws where there is none.
 */
const RESERVED_BYTES = 512;

/** Larger values of a SUBACK refuse. */
const QOS_MAX = 2;

/** The client's own count of packets runs on to 0, which MQTT forbids. */
const PACKET_ID_MAX = 0xffff;

const NOTHING = new Uint8Array(0);

export class BoardMqtt implements Mqtt {
  readonly #enter: Enter;

  constructor(enter: Enter) {
    this.#enter = enter;
  }

  open(target: MqttTarget, events: MqttEvents): MqttConnection {
    const url = parseUrl(target.url);
    const entered = this.entered(events);
    if (url?.scheme === "mqtt" || url?.scheme === "mqtts") {
      return new Connection(url, target, entered);
    }
    Timer.set(() => entered.closed("bad_url"));
    return { publish: () => false, close: () => {} };
  }

  private entered(events: MqttEvents): MqttEvents {
    return {
      opened: () => this.#enter(() => events.opened()),
      message: (topic, text) => this.#enter(() => events.message(topic, text)),
      closed: (reason) => this.#enter(() => events.closed(reason)),
    };
  }
}

class Connection implements MqttConnection {
  readonly #events: MqttEvents;
  readonly #filter: string;
  readonly #attempt: Attempt = { abandoned: false };
  readonly #client: MQTTClient;
  readonly #message = new Pieces(MESSAGE_BYTES_MAX);
  #topic = "";
  #isTooLarge = false;
  #state: "connecting" | "subscribing" | "open" | "ended" = "connecting";
  #timeout: Timer;
  #writableBytes = 0;
  #packetId = 0;

  constructor(url: Url, target: MqttTarget, events: MqttEvents) {
    const { filter, clientId, user, password, will, keepAliveMs, connectTimeoutMs } = target;
    this.#events = events;
    this.#filter = filter;
    this.#timeout = Timer.set(() => this.end("connect_timeout"), connectTimeoutMs);
    this.#client = new MQTTClient({
      ...connectionOptions(url, this.#attempt),
      id: clientId,
      user,
      ...(password === undefined ? {} : { password }),
      clean: false,
      keepAlive: keepAliveMs,
      will: { topic: will.topic, message: will.text, QoS: 1, retain: true },
      onWritable: (count) => this.writable(count),
      onReadable: (count, { more, topic }) => this.readable(count, more, topic),
      onControl: (message) =>
        this.control(message as unknown as { operation: number; payload?: number[] }),
      onError: () => this.end(this.#state === "open" ? "connection_lost" : "connect_failed"),
    });
  }

  publish(topic: string, text: string, how?: { readonly retain: true }): boolean {
    if (this.#state !== "open") return false;
    const bytes = new TextEncoder().encode(text);
    if (topic.length + bytes.byteLength + RESERVED_BYTES > this.#writableBytes) return false;
    const retain = how !== undefined;
    this.#writableBytes = this.#client.write(bytes, { topic, QoS: 1, retain, id: this.nextId() });
    return true;
  }

  close(): void {
    this.end("closed");
  }

  /** The first call says that the broker has let us in; the client has counted a packet's head off. */
  private writable(count: number): void {
    this.#writableBytes = count;
    if (this.#state !== "connecting" || count < this.#filter.length + RESERVED_BYTES) return;
    this.#state = "subscribing";
    this.#writableBytes = this.#client.write(NOTHING, {
      operation: MQTTClient.SUBSCRIBE,
      // The SDK's typing wants one with every operation.
      topic: "",
      id: this.nextId(),
      items: [{ topic: this.#filter, QoS: 1 }],
    });
  }

  private control({ operation, payload }: { operation: number; payload?: number[] }): void {
    if (operation !== MQTTClient.SUBACK || this.#state !== "subscribing") return;
    const [granted = 0] = payload ?? [];
    if (granted > QOS_MAX) return this.end("subscription_refused");
    this.#state = "open";
    Timer.clear(this.#timeout);
    this.#events.opened();
  }

  /** What is too large is left out: with its connection it would end each one after. */
  private readable(count: number, more: boolean, topic: string | undefined): void {
    const bytes = this.#client.read(count);
    if (topic !== undefined) {
      this.#topic = topic;
      this.#isTooLarge = false;
    }
    if (!this.#isTooLarge && !this.#message.add(bytes)) this.#isTooLarge = true;
    if (more) return;
    const whole = this.#message.take();
    if (this.#isTooLarge || this.#state === "ended") return;
    this.#events.message(this.#topic, new TextDecoder().decode(whole));
  }

  private nextId(): number {
    this.#packetId = (this.#packetId % PACKET_ID_MAX) + 1;
    return this.#packetId;
  }

  /** `closed` comes from a timer of its own: the SDK's client goes on with its socket behind each callback. */
  private end(reason: string): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#attempt.abandoned = true;
    Timer.clear(this.#timeout);
    Timer.set(() => {
      this.#client.close();
      this.#events.closed(reason);
    });
  }
}
