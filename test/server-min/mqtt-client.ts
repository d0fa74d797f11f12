import { EventEmitter, once } from "node:events";
import type { IClientOptions, MqttClient } from "mqtt";
import { connect } from "mqtt";
import { onTestFinished } from "vitest";
import { parseRecord } from "../../protocol/json.ts";

interface Heard {
  readonly topic: string;
  readonly text: string;
  /** Sent because it was retained, not because it was published now. */
  readonly isRetained: boolean;
}

interface BrokerClient {
  readonly mqtt: MqttClient;
  /** Takes the first message on this topic that nobody took yet, and waits for it. */
  next(topic: string): Promise<Record<string, unknown>>;
  /** Everything on these topics that nobody took yet. */
  taken(topics?: RegExp): Heard[];
  send(
    topic: string,
    message: unknown,
    options?: { readonly qos?: 0 | 1 | 2; readonly retain?: boolean },
  ): Promise<void>;
}

/** A client that is another program's, as far as the broker knows. */
export async function joinBroker(url: string, options: IClientOptions = {}): Promise<BrokerClient> {
  const mqtt = connect(url, { reconnectPeriod: 0, ...options });
  const inbox: Heard[] = [];
  const arrivals = new EventEmitter();
  mqtt.on("message", (topic, payload, { retain }) => {
    inbox.push({ topic, text: payload.toString(), isRetained: retain });
    arrivals.emit("message");
  });
  let refusal: Error | undefined;
  mqtt.on("error", (error) => {
    refusal = error;
  });
  onTestFinished(() => void mqtt.end(true));
  await new Promise((settled) => mqtt.once("connect", settled).once("close", () => settled(null)));
  if (!mqtt.connected) throw refusal ?? new Error("the broker hung up");
  return {
    mqtt,
    async next(topic) {
      for (;;) {
        const found = inbox.findIndex((message) => message.topic === topic);
        const [message] = found >= 0 ? inbox.splice(found, 1) : [];
        if (message !== undefined) return parseRecord(message.text) ?? { text: message.text };
        await once(arrivals, "message");
      }
    },
    taken(topics = /./) {
      const found = inbox.filter(({ topic }) => topics.test(topic));
      for (const message of found) inbox.splice(inbox.indexOf(message), 1);
      return found;
    },
    async send(topic, message, { qos = 1, retain = false } = {}) {
      const payload = typeof message === "string" ? message : JSON.stringify(message);
      await mqtt.publishAsync(topic, payload, { qos, retain });
    },
  };
}

/** Done when the connection has ended, however it did. */
export function closeOf(mqtt: MqttClient): Promise<void> {
  return new Promise((closed) => mqtt.once("close", closed));
}
