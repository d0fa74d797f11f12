import { dayIndexKey } from "../../protocol/object-key.ts";
import type { AppPorts } from "../ports.ts";
import { SerialQueue } from "../serial-queue.ts";
import { daysStoredLast } from "../storage/stored-objects.ts";
import { readDayIndex } from "./day-index.ts";

/** A burst of photos writes its day once; a reader of the file is at most this much behind. */
const COALESCE_MS = 5_000;
/** Far above the coalescing: whatever a crash kept from being written was stored within this time before it. */
export const CRASH_WINDOW_MS = 60_000;

type Ports = Pick<AppPorts, "sql" | "objects" | "clock" | "background">;

/** The day index as a file beside the photos: a view of the database, for tools that read storage directly. */
export class DayFiles {
  readonly #ports: Ports;
  readonly #due = new Set<string>();
  readonly #turns = new SerialQueue();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Brings up to date what the process before this one may have left behind. */
  refreshAfterRestart(): void {
    const { sql, background } = this.#ports;
    background.run(async () => {
      for (const { deviceId, date } of await daysStoredLast(sql, CRASH_WINDOW_MS)) {
        this.refreshSoon(deviceId, date);
      }
    });
  }

  refreshSoon(deviceId: string, date: string): void {
    const { clock, background } = this.#ports;
    const key = dayIndexKey(deviceId, date);
    if (this.#due.has(key)) return;
    this.#due.add(key);
    clock.after(COALESCE_MS, () => {
      this.#due.delete(key);
      background.run(() => this.refresh(deviceId, date));
    });
  }

  /** Done when the file says what the database says now. */
  async refresh(deviceId: string, date: string): Promise<void> {
    const key = dayIndexKey(deviceId, date);
    // In turn, so that a slow older write cannot land on top of a newer one.
    return this.#turns.run(key, () => this.#write(key, deviceId, date));
  }

  async #write(key: string, deviceId: string, date: string): Promise<void> {
    const { sql, objects, clock } = this.#ports;
    const index = await readDayIndex(sql, { deviceId, date, nowMs: clock.nowMs() });
    if (index.events.length === 0) return objects.remove(key);
    await using writer = await objects.create(key);
    await writer.write(Buffer.from(JSON.stringify(index)));
    await writer.commit();
  }
}
