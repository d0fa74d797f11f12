import {
  feederTopics,
  readCommandPublication,
  toEventPublication,
} from "../../../protocol/feeder-topics.ts";
import { MQTT_KEEP_ALIVE_MS } from "../limits.ts";
import type { Mqtt } from "../session-ports.ts";
import type { Link, LinkEvents } from "./link.ts";

interface Login {
  readonly url: string;
  readonly deviceId: string;
  /** Undefined on a server that trusts everybody. */
  readonly token: string | undefined;
  /** To the answer to the subscription: a TLS handshake takes 3 s of it. */
  readonly connectTimeoutMs: number;
}

/** By a broker, which keeps commands for a feeder that is away; events wait for the server's word, not the broker's. */
export function openMqttLink(mqtt: Mqtt, login: Login, events: LinkEvents): Link {
  const { url, deviceId, token, connectTimeoutMs } = login;
  const { status, commands } = feederTopics(deviceId);
  const connection = mqtt.open(
    {
      url,
      clientId: deviceId,
      user: deviceId,
      password: token,
      will: { topic: status, text: "offline" },
      filter: commands,
      keepAliveMs: MQTT_KEEP_ALIVE_MS,
      connectTimeoutMs,
    },
    {
      opened: () => {
        // Behind the subscription: by then the broker has said the will of a connection before.
        if (!connection.publish(status, "online", { retain: true })) return connection.close();
        events.welcomed();
      },
      message: (topic, text) => {
        const message = readCommandPublication(topic, text);
        if (message !== undefined) events.message(message);
      },
      closed: (reason) => events.closed(reason),
    },
  );
  return {
    send: (event) => {
      const { topic, text } = toEventPublication(deviceId, event);
      return connection.publish(topic, text);
    },
    close: () => connection.close(),
  };
}
