import { isDeviceId } from "./ids.ts";
import type { MediaKind } from "./media.ts";

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
