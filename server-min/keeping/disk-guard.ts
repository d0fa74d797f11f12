import type { AppPorts, DiskSpace } from "../ports.ts";
import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";

/**
 * The database, its log and a backup of it go on growing when uploads stop: this is room for a year of heartbeats. An SD
 * card of 4 GB cannot spare so much, so there it is a part of the whole.
 */
const MIN_FREE_BYTES = 256 * 1024 * 1024;
const MIN_FREE_SHARE = 0.05;
/** Asking costs a system call; what this process takes in meanwhile is counted. */
const SAMPLE_MS = 2_000;
/** With every upload the database's log grows too, which is not counted. */
const SAMPLE_BYTES = 1_000_000;
/** So much above the floor it counts as room again: one photo's worth is not worth a line in the log. */
const RECOVERED_SHARE = 1.25;

const SQLITE_FULL = 13;

type Ports = Pick<AppPorts, "clock" | "diskSpace" | "settings" | "notice">;
type Room = Disposable & ({ readonly kind: "enough" } | Refusal);

/** Refuses uploads while there is still room for everything else. */
export class DiskGuard {
  readonly #ports: Ports;
  #sample: { readonly atMs: number; readonly space: DiskSpace } | undefined;
  #underWayBytes = 0;
  /** Since the sample. */
  #takenBytes = 0;
  #isFull = false;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Undefined when there is room for so many bytes more. */
  refuse(bytes: number): Refusal | undefined {
    const space = this.#measure();
    const floorBytes = this.#ports.settings.minFreeBytes ?? minFreeBytesOf(space);
    const leftBytes = space.freeBytes - this.#underWayBytes - this.#takenBytes - bytes;
    this.#tell(leftBytes, floorBytes);
    return leftBytes < floorBytes ? refused("storage_full") : undefined;
  }

  /** The room for one upload until it is disposed; refused when there is none. */
  reserve(bytes: number): Room {
    const refusal = this.refuse(bytes);
    if (refusal !== undefined) return { ...refusal, [Symbol.dispose]: () => {} };
    this.#underWayBytes += bytes;
    return {
      kind: "enough",
      [Symbol.dispose]: () => {
        this.#underWayBytes -= bytes;
        this.#takenBytes += bytes;
      },
    };
  }

  #measure(): DiskSpace {
    const { clock, diskSpace } = this.#ports;
    const nowMs = clock.nowMs();
    const sample = this.#sample;
    // A clock that was set back must not keep an old sample alive.
    const isYoung = sample !== undefined && Math.abs(nowMs - sample.atMs) < SAMPLE_MS;
    if (isYoung && this.#takenBytes < SAMPLE_BYTES) return sample.space;
    const space = diskSpace();
    this.#sample = { atMs: nowMs, space };
    this.#takenBytes = 0;
    return space;
  }

  #tell(leftBytes: number, floorBytes: number): void {
    if (!this.#isFull && leftBytes < floorBytes) {
      this.#isFull = true;
      const floor = inMegabytes(floorBytes);
      this.#ports.notice(`storage_full: less than ${floor} MB left; uploads wait for more`);
    } else if (this.#isFull && leftBytes >= floorBytes * RECOVERED_SHARE) {
      this.#isFull = false;
      this.#ports.notice(`storage_freed: ${inMegabytes(leftBytes)} MB left; uploads go on`);
    }
  }
}

/** What stays free where no setting says so. */
export function minFreeBytesOf({ totalBytes }: DiskSpace): number {
  return Math.min(MIN_FREE_BYTES, totalBytes * MIN_FREE_SHARE);
}

/** What the operating system and SQLite say when the guard came too late: others fill disks too. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT")) return true;
  return "errcode" in error && error.errcode === SQLITE_FULL;
}

function inMegabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
