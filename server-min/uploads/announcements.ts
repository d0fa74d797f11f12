import type { PhotoPayload, UploadStatusPayload } from "../../protocol/room-messages.ts";
import { uploadedKey } from "../../protocol/room-messages.ts";
import type { AppPorts } from "../ports.ts";
import type { StoredObject } from "../storage/schema.ts";
import { markAcked } from "../storage/stored-objects.ts";

/** A feeder reports its success right after the answer; one that has not by then has lost its connection. */
const SUCCESS_WAIT_MS = 10_000;

type Ports = Pick<AppPorts, "sql" | "rooms" | "clock" | "background">;

/** Tells the room of a stored object: event.photo at once, gallery_ack after the feeder's own success. */
export class Announcements {
  readonly #ports: Ports;
  /** By key: announced, and waiting for the feeder's success. */
  readonly #waiting = new Set<string>();

  constructor(ports: Ports) {
    this.#ports = ports;
    ports.rooms.listen((deviceId, message) => {
      const key = uploadedKey(message);
      if (key !== undefined) ports.background.run(() => this.#acknowledge(deviceId, key));
    });
  }

  /** A repeated upload is announced again only when a crash came between its row and its announcement. */
  async announce(object: StoredObject, feederReported: boolean): Promise<void> {
    if (object.acked_at_ms !== null || this.#waiting.has(object.key)) return;
    if (object.removed_at_ms !== null) return;
    const { rooms, clock, background } = this.#ports;
    const { key, device_id: deviceId } = object;
    const payload: PhotoPayload = {
      id: object.capture_id,
      key,
      kind: object.kind,
      bytes: object.bytes,
      sha256: object.sha256,
      capturedTs: object.captured_at_ms,
    };
    rooms.publish(deviceId, { type: "event.photo", payload });
    if (feederReported || !rooms.hasFeeder(deviceId)) return this.#acknowledge(deviceId, key);
    this.#waiting.add(key);
    clock.after(SUCCESS_WAIT_MS, () => {
      this.#waiting.delete(key);
      background.run(() => this.#acknowledge(deviceId, key));
    });
  }

  async #acknowledge(deviceId: string, key: string): Promise<void> {
    const { sql, rooms, clock } = this.#ports;
    const object = await markAcked(sql, { deviceId, key, nowMs: clock.nowMs() });
    if (object === undefined) return;
    const payload: UploadStatusPayload = {
      status: "gallery_ack",
      captureId: object.capture_id,
      key,
      attempt: 0,
    };
    rooms.publish(deviceId, { type: "event.upload_status", payload });
  }
}
