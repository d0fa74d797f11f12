/** MQTT as a feeder speaks it: docs/mqtt.md has the topics. */
import { parseRecord } from "./json.ts";
import { readServerMessage, type SequencedEvent, type ServerMessage } from "./room-messages.ts";

export interface FeederTopics {
  readonly status: string;
  /** What a feeder subscribes to. */
  readonly commands: string;
}

export function feederTopics(deviceId: string): FeederTopics {
  const root = `skyfeeder/${deviceId}`;
  return { status: `${root}/status`, commands: `${root}/cmd/#` };
}

/** An event of a room as it is published: its payload and its number in one object. */
export function toEventPublication(
  deviceId: string,
  { type, payload, ...number }: SequencedEvent,
): { readonly topic: string; readonly text: string } {
  const topic = `skyfeeder/${deviceId}/${type.replace(".", "/")}`;
  return { topic, text: JSON.stringify({ ...payload, ...number }) };
}

/** What came by a topic below `cmd`, as the room would have said it; undefined for what is no message at all. */
export function readCommandPublication(topic: string, text: string): ServerMessage | undefined {
  const [, , kind, name = ""] = topic.split("/");
  const payload = parseRecord(text === "" ? "{}" : text);
  if (kind !== "cmd" || payload === undefined) return undefined;
  return readServerMessage(
    name === "ack" ? { ...payload, type: "ack" } : { type: `cmd.${name}`, payload, ts: payload.ts },
  );
}
