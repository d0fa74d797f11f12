import { isCaptureId, isDeviceId } from "./ids.ts";
import type { MediaKind } from "./media.ts";
import { isPlausibleTimeMs } from "./plausible-time.ts";

/** `photos/<deviceId>/<time>-<captureId>.jpg`; the time is RFC 3339 UTC with `:` and `.` as `-`, so keys sort by it. */
export function objectKey(parts: {
  kind: MediaKind;
  deviceId: string;
  capturedAtMs: number;
  captureId: string;
  extension: string;
}): string {
  const time = new Date(parts.capturedAtMs).toISOString().replace(/[:.]/g, "-");
  return `${parts.kind}/${parts.deviceId}/${time}-${parts.captureId}.${parts.extension}`;
}

/** What `objectKey` made it of; undefined for a name that a client chose. */
export function captureOfKey(
  key: string,
): { readonly capturedAtMs: number; readonly captureId: string } | undefined {
  const name = /\/(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d)-(\d{3}Z)-([\w-]+)\.[a-z0-9]+$/.exec(key);
  const [, hour, minute, second, fraction, captureId] = name ?? [];
  const capturedAtMs = Date.parse(`${hour}:${minute}:${second}.${fraction}`);
  if (!isPlausibleTimeMs(capturedAtMs) || !isCaptureId(captureId)) return undefined;
  return { capturedAtMs, captureId };
}

export interface ObjectKeyParts {
  readonly kind: MediaKind;
  readonly deviceId: string;
  readonly fileName: string;
}

/** Undefined for anything that is not exactly kind/device/file: a key never reaches a path unparsed. */
export function parseObjectKey(key: string): ObjectKeyParts | undefined {
  const [kind, deviceId, fileName, ...rest] = key.split("/");
  if (rest.length > 0 || fileName === undefined) return undefined;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(fileName)) return undefined;
  if (kind !== "photos" && kind !== "clips") return undefined;
  if (!isDeviceId(deviceId) || fileName.includes("..")) return undefined;
  return { kind, deviceId, fileName };
}

export function dayIndexKey(deviceId: string, date: string): string {
  return `photos/${deviceId}/indices/day-${date}.json`;
}
