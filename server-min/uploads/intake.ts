import type { DayFiles } from "../day-index/day-files.ts";
import { touchDevice } from "../devices/device-rows.ts";
import type { AppPorts } from "../ports.ts";
import type { Refusal } from "../problem-answer.ts";
import { SerialQueue } from "../serial-queue.ts";
import type { StoredObject } from "../storage/schema.ts";
import type { Announcements } from "./announcements.ts";
import type { Arrival } from "./store-object.ts";
import { storeObject } from "./store-object.ts";

export type StoreResult = { readonly kind: "stored"; readonly object: StoredObject } | Refusal;

/** The one way into the gallery, whichever way the bytes came: row, room, day file; one object of a device at a time. */
export class Intake {
  readonly #ports: Pick<AppPorts, "sql" | "clock">;
  readonly #announcements: Announcements;
  readonly #dayFiles: DayFiles;
  readonly #turns = new SerialQueue();

  constructor(
    ports: Pick<AppPorts, "sql" | "clock">,
    parts: { readonly announcements: Announcements; readonly dayFiles: DayFiles },
  ) {
    this.#ports = ports;
    this.#announcements = parts.announcements;
    this.#dayFiles = parts.dayFiles;
  }

  /** Nothing of this device becomes an object meanwhile. */
  async inTurn<Result>(deviceId: string, work: () => Promise<Result>): Promise<Result> {
    return this.#turns.run(deviceId, work);
  }

  async take(arrival: Arrival, feederReported = false): Promise<StoreResult> {
    const { sql, clock } = this.#ports;
    const { deviceId } = arrival.grant;
    return this.inTurn(deviceId, async () => {
      const nowMs = clock.nowMs();
      const stored = await storeObject(sql, { ...arrival, nowMs });
      if (stored.kind === "refused") return stored;
      await touchDevice(sql, deviceId, nowMs);
      await this.#announcements.announce(stored.object, feederReported);
      this.#dayFiles.refreshSoon(deviceId, stored.object.day);
      return stored;
    });
  }
}
