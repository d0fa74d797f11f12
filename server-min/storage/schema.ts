import type { Selectable } from "kysely";
import type { MediaKind } from "../../protocol/media.ts";

export interface Database {
  objects: ObjectTable;
  devices: DeviceTable;
}

interface ObjectTable {
  key: string;
  device_id: string;
  capture_id: string;
  kind: MediaKind;
  content_type: string;
  bytes: number;
  sha256: string;
  captured_at_ms: number;
  /** UTC calendar day of the capture. */
  day: string;
  stored_at_ms: number;
  /** When gallery_ack was sent; null until then. */
  acked_at_ms: number | null;
}

interface DeviceTable {
  device_id: string;
  last_seen_ms: number;
}

export type StoredObject = Selectable<ObjectTable>;
