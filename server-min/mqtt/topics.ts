import { isDeviceId } from "../../protocol/ids.ts";

/** Everything is below this level; docs/mqtt.md has the table. */
export const ROOT = "skyfeeder";

/** What a topic of a device says; `name` is the part of a room message's type behind its first dot. */
export type DeviceTopic =
  | { readonly kind: "cmd" | "event"; readonly deviceId: string; readonly name: string }
  | { readonly kind: "status"; readonly deviceId: string };

/** As a name it is the server's own word to a device: docs/mqtt.md, "Numbered events". */
export const ACKNOWLEDGEMENT = "ack";

const NAME = /^[A-Za-z0-9_-]{1,48}$/;

/** Undefined for a topic that is none of ours, however it was written. */
export function parseTopic(topic: string): DeviceTopic | undefined {
  const [root, deviceId, kind, name, ...rest] = topic.split("/");
  if (root !== ROOT || !isDeviceId(deviceId) || rest.length > 0) return undefined;
  if (kind === "status") return name === undefined ? { kind, deviceId } : undefined;
  if (kind !== "cmd" && kind !== "event") return undefined;
  return name !== undefined && NAME.test(name) ? { kind, deviceId, name } : undefined;
}

export function formatTopic(topic: DeviceTopic): string {
  const device = `${ROOT}/${topic.deviceId}`;
  return topic.kind === "status" ? `${device}/status` : `${device}/${topic.kind}/${topic.name}`;
}

/** Where a room message of this type belongs; undefined for one that stays in the room. */
export function topicOfType(deviceId: string, type: unknown): DeviceTopic | undefined {
  const [, kind, name] = /^(cmd|event)\.(.*)$/s.exec(typeof type === "string" ? type : "") ?? [];
  if ((kind !== "cmd" && kind !== "event") || name === undefined) return undefined;
  return NAME.test(name) ? { kind, deviceId, name } : undefined;
}
