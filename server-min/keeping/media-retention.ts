import type { MediaKind } from "../../protocol/media.ts";
import type { DayFiles } from "../day-index/day-files.ts";
import type { AppPorts } from "../ports.ts";
import { forgetFreed, markFreed, objectsToFree, removeExpired } from "../storage/kept-objects.ts";
import { lastArrivalMs } from "../storage/stored-objects.ts";
import { type BelievedTime, believeClock } from "./believed-time.ts";

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
 * a feeder that was away for a month does not lose its photos by delivering them. A clock that is years ahead, as one whose
 * battery is empty may be, must not be the end of the gallery.
 */
export class MediaRetention {
  readonly #ports: Ports;
  readonly #dayFiles: DayFiles;
  #time: BelievedTime | undefined;

  constructor(ports: Ports, dayFiles: DayFiles) {
    this.#ports = ports;
    this.#dayFiles = dayFiles;
  }

  start(): void {
    this.#run(async () => this.#runBatch(await this.#lookAtClock()));
  }

  /** Batch after batch, and the next one an hour later. */
  #run(batch: () => Promise<boolean>): void {
    const { background, clock } = this.#ports;
    const startAgain = () => void clock.after(HOUR_MS, () => this.start());
    background.run(() =>
      batch().then(
        (isMore) => {
          if (!isMore) return startAgain();
          clock.after(PAUSE_MS, () => this.#run(batch));
        },
        (error) => {
          startAgain();
          throw error;
        },
      ),
    );
  }

  async #lookAtClock(): Promise<number> {
    const { sql, clock } = this.#ports;
    const clockMs = clock.nowMs();
    const before = this.#time ?? { nowMs: (await lastArrivalMs(sql)) ?? clockMs, doubtedHours: 0 };
    this.#time = believeClock(before, clockMs);
    return this.#time.nowMs;
  }

  /** True when there may be more to do. */
  async #runBatch(nowMs: number): Promise<boolean> {
    const { sql, settings } = this.#ports;
    const { photosDays, clipsDays } = settings.retention;
    const counts = [
      await this.#removeExpired("photos", photosDays, nowMs),
      await this.#removeExpired("clips", clipsDays, nowMs),
      await this.#free(),
      await forgetFreed(sql, nowMs - REMEMBERED_MS, BATCH),
    ];
    return counts.some((count) => count >= BATCH);
  }

  async #removeExpired(kind: MediaKind, days: number, nowMs: number): Promise<number> {
    if (days === 0) return 0;
    const storedBeforeMs = nowMs - days * DAY_MS;
    return removeExpired(this.#ports.sql, { kind, storedBeforeMs, nowMs, limit: BATCH });
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
