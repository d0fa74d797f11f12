import { uploadedKey } from "../../protocol/room-messages.ts";
import type { AppPorts, DirectObjects } from "../ports.ts";
import { forgetPending, pendingOfKey, pendingUploads } from "../storage/pending-uploads.ts";
import type { PendingUpload } from "../storage/schema.ts";
import type { Intake } from "./intake.ts";

/** How late a photo is whose feeder never came to say so. */
const SWEEP_INTERVAL_MS = 60_000;

type Ports = Pick<AppPorts, "sql" | "clock" | "rooms" | "background" | "metrics">;

/**
 * Takes in what clients put into the object store themselves. The store tells nobody: its feeder does, right after, and
 * what no feeder tells of is found by looking, also after a restart.
 */
export class DirectUploads {
  readonly #ports: Ports;
  readonly #direct: DirectObjects;
  readonly #intake: Intake;

  constructor(ports: Ports, direct: DirectObjects, intake: Intake) {
    this.#ports = ports;
    this.#direct = direct;
    this.#intake = intake;
    ports.rooms.listen((deviceId, message) => {
      const key = uploadedKey(message);
      if (key !== undefined) ports.background.run(() => this.#takeReported(deviceId, key));
    });
  }

  sweep(): void {
    const { sql, clock, background } = this.#ports;
    background.run(async () => {
      // Before it: a store that does not answer ends this sweep and not the next.
      clock.after(SWEEP_INTERVAL_MS, () => this.sweep());
      for (const pending of await pendingUploads(sql)) await this.#takeIn(pending, false);
    });
  }

  async #takeReported(deviceId: string, key: string): Promise<void> {
    const pending = await pendingOfKey(this.#ports.sql, { deviceId, key });
    if (pending !== undefined) await this.#takeIn(pending, true);
  }

  async #takeIn(pending: PendingUpload, feederReported: boolean): Promise<void> {
    const { sql, clock, metrics } = this.#ports;
    const { key, bytes, sha256 } = pending;
    const isOver = pending.expires_at_ms < clock.nowMs();
    const found = await this.#direct.inspect(key);
    if (found?.bytes === bytes && found.sha256 === sha256) {
      const arrival = { grant: grantOf(pending), received: { bytes, sha256 }, commit: () => {} };
      const result = await this.#intake.take(arrival, feederReported);
      const isStored = result.kind === "stored";
      metrics.countUpload(isStored ? "stored" : result.code, { bytes: isStored ? bytes : 0 });
    } else if (!isOver) return;
    // Last: after a crash before this, all of it is done again and finds what is done.
    await forgetPending(sql, key);
  }
}

function grantOf(pending: PendingUpload) {
  return {
    key: pending.key,
    deviceId: pending.device_id,
    captureId: pending.capture_id,
    kind: pending.kind,
    contentType: pending.content_type,
    capturedAtMs: pending.captured_at_ms,
  };
}
