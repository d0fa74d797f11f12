import { isRecord, parseJson } from "../../protocol/json.ts";
import { parseNested } from "../nested-json.ts";
import type { RelayedMessage } from "../relay/recent-events.ts";
import type { DeviceTopic } from "./topics.ts";
import { topicOfType } from "./topics.ts";

type Message = Readonly<Record<string, unknown>>;

/** A room message as its topic has it: what it is about and what the room says of it in one object. */
export function toPublication(
  message: RelayedMessage,
): { readonly topic: DeviceTopic; readonly payload: string } | undefined {
  const { type, payload, ...rest } = message;
  const topic = topicOfType(message.deviceId, type);
  if (topic === undefined) return undefined;
  const about = isRecord(payload) ? payload : { payload };
  return { topic, payload: JSON.stringify({ ...about, ...rest }) };
}

/** What a client published, as the room has it. What is no object is taken for the payload whole. */
export function toMessage(
  topic: Exclude<DeviceTopic, { kind: "status" }>,
  text: string,
): { readonly message: Message; readonly isRelayed: boolean } {
  const type = `${topic.kind}.${topic.name}`;
  const value = text === "" ? {} : (parseNested(text) ?? text);
  if (!isRecord(value)) return { message: { type, payload: value }, isRelayed: false };
  const { ts, bootId, seq, deviceId, eventId, ...payload } = value;
  // Numbers belong to what a feeder says, not to what it is told.
  const numbers = topic.kind === "event" ? { bootId, seq } : {};
  return {
    message: { type, payload, ...(ts !== undefined && { ts }), ...numbers },
    // Only a server gives ids: what has one was in the rooms already.
    isRelayed: eventId !== undefined,
  };
}

export interface Status {
  readonly isOnline: boolean;
  /** Of the server that the feeder is connected to; none for a device that speaks for itself. */
  readonly server: string | undefined;
}

/** "online" and "offline" alone are enough: that is what a will of few bytes says. Undefined for anything else. */
export function parseStatus(text: string): Status | undefined {
  const value = parseJson(text) ?? text;
  const status = isRecord(value) ? value.status : value;
  if (status !== "online" && status !== "offline") return undefined;
  const server = isRecord(value) && typeof value.server === "string" ? value.server : undefined;
  return { isOnline: status === "online", server };
}

export function formatStatus(status: {
  readonly deviceId: string;
  readonly isOnline: boolean;
  readonly ts: number;
  readonly server: string | undefined;
}): string {
  const { isOnline, ...rest } = status;
  return JSON.stringify({ status: isOnline ? "online" : "offline", ...rest });
}
