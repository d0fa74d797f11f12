import type { MediaKind } from "../../protocol/media.ts";
import type { DayFiles } from "../day-index/day-files.ts";
import type { AppPorts } from "../ports.ts";
import { forgetFreed, markFreed, objectsToFree, removeExpired } from "../storage/kept-objects.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Rows a statement: SQLite keeps everybody else waiting for a few milliseconds. */
const BATCH = 100;
/** Between batches: a backlog of a month leaves the disk to uploads for most of the time. */
const PAUSE_MS = 1_000;
/**
 * A feeder that never heard the answer to an upload sends it again when it is back; for so long it is told that the
 * photo was there, and the photo does not come back as a new one.
 */
const REMEMBERED_MS = 90 * DAY_MS;

type Ports = Pick<AppPorts, "sql" | "objects" | "clock" | "background" | "settings">;

/**
 * Removes media whose time is over. All it knows is in the rows, so that it goes on where a process before it ended: the
 * row leaves the index first, then the day's file is written anew, then the bytes go. What is counted from is the arrival:
 * a feeder that was away for a month does not lose its photos by delivering them.
 */
export class MediaRetention {
  readonly #ports: Ports;
  readonly #dayFiles: DayFiles;

  constructor(ports: Ports, dayFiles: DayFiles) {
    this.#ports = ports;
    this.#dayFiles = dayFiles;
  }

  start(): void {
    const { background } = this.#ports;
    background.run(() =>
      this.#runBatch().then(
        (isMore) => this.#startAfter(isMore ? PAUSE_MS : HOUR_MS),
        (error) => {
          this.#startAfter(HOUR_MS);
          throw error;
        },
      ),
    );
  }

  #startAfter(delayMs: number): void {
    this.#ports.clock.after(delayMs, () => this.start());
  }

  /** True when there may be more to do. */
  async #runBatch(): Promise<boolean> {
    const { sql, clock, settings } = this.#ports;
    const { photosDays, clipsDays } = settings.retention;
    const counts = [
      await this.#removeExpired("photos", photosDays),
      await this.#removeExpired("clips", clipsDays),
      await this.#free(),
      await forgetFreed(sql, clock.nowMs() - REMEMBERED_MS, BATCH),
    ];
    return counts.some((count) => count >= BATCH);
  }

  async #removeExpired(kind: MediaKind, days: number): Promise<number> {
    if (days === 0) return 0;
    const { sql, clock } = this.#ports;
    const nowMs = clock.nowMs();
    const storedBeforeMs = nowMs - days * DAY_MS;
    return removeExpired(sql, { kind, storedBeforeMs, nowMs, limit: BATCH });
  }

  async #free(): Promise<number> {
    const { sql, objects, clock } = this.#ports;
    const removed = await objectsToFree(sql, BATCH);
    if (removed.length === 0) return 0;
    const days = new Map(removed.map((object) => [`${object.deviceId} ${object.date}`, object]));
    for (const { deviceId, date } of days.values()) await this.#dayFiles.refresh(deviceId, date);
    for (const { key } of removed) await objects.remove(key);
    const keys = removed.map(({ key }) => key);
    await markFreed(sql, keys, clock.nowMs());
    return removed.length;
  }
}
