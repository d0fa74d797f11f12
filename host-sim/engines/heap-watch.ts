import type { PortValue } from "./guest-port.ts";
import type { XsContent, XsLimits } from "./xs-snapshot.ts";
import type { Meter } from "./xs-worker.ts";

/** On the board; here they are twice as large, and there are as many of them. */
export const BOARD_SLOT_BYTES = 16;

/** What the firmware is at, of several things the last. */
export const PHASES = ["idle", "transfer", "upload", "update"] as const;
export type Phase = (typeof PHASES)[number];

/** Collecting for one takes some milliseconds. */
const EVENTS_A_SAMPLE = 100;

interface Sample {
  readonly content: XsContent;
  /** What the machine has ever taken. */
  readonly taken: Pick<XsLimits, "slots" | "chunkBytes">;
}

/** Follows one board over its starts: what it holds over what it holds with its modules loaded. */
export class HeapWatch {
  /** The board takes an update, or has not confirmed it. */
  isUpdating = false;
  /** Bytes of the board. */
  baselineBytes = 0;
  /** The most that was alive between two events, by what the firmware was at. */
  readonly alive = new Map<Phase, number>();
  /** The most of them, and what its chunks took here more than on the board. */
  peak = { bytes: 0, surplusBytes: 0 };
  /** What sufficed for the middle of events too, here; in one go XS takes more than it needs. */
  taken = { slots: 0, chunkBytes: 0 };
  #baseline: XsContent | undefined;
  #allocated = 0;
  #events = 0;
  #sampled: Phase | undefined;
  #wireIsOpen = false;
  readonly #puts = new Set<PortValue>();

  /** The board starts from this. */
  start(baseline: XsContent): void {
    this.#baseline = baseline;
    this.baselineBytes ||= boardBytes(baseline);
    this.#allocated = 0;
    this.#wireIsOpen = false;
    this.#puts.clear();
  }

  hear(operation: string, [target, , , method]: readonly PortValue[]): void {
    if (operation === "camera_wire.open") this.#wireIsOpen = true;
    if (operation === "camera_wire.close") this.#wireIsOpen = false;
    if (operation === "http.request" && method === "PUT") this.#puts.add(target);
    if (operation === "http.close") this.#puts.delete(target);
  }

  /** Once an event: its heap has grown, something else has begun, or it is time again. */
  wantsSample({ allocate }: Meter): boolean {
    const hasGrown = allocate > this.#allocated;
    this.#allocated = allocate;
    this.#events++;
    const phase = this.#phase;
    return hasGrown || phase !== this.#sampled || this.#events >= EVENTS_A_SAMPLE;
  }

  take({ content, taken }: Sample): void {
    const baseline = this.#baseline ?? content;
    const phase = this.#phase;
    this.#sampled = phase;
    this.#events = 0;
    const aliveBytes = boardBytes(content) - boardBytes(baseline);
    this.alive.set(phase, Math.max(aliveBytes, this.alive.get(phase) ?? 0));
    const surplusBytes = surplus(content) - surplus(baseline);
    if (aliveBytes > this.peak.bytes) this.peak = { bytes: aliveBytes, surplusBytes };
    this.taken = {
      slots: Math.max(taken.slots - baseline.slots, this.taken.slots),
      chunkBytes: Math.max(taken.chunkBytes - baseline.chunkBytes, this.taken.chunkBytes),
    };
  }

  get #phase(): Phase {
    if (this.isUpdating) return "update";
    if (this.#puts.size > 0) return "upload";
    return this.#wireIsOpen ? "transfer" : "idle";
  }
}

function boardBytes({ slots, boardChunkBytes }: XsContent): number {
  return slots * BOARD_SLOT_BYTES + boardChunkBytes;
}

/** What chunks take here more than on the board. */
function surplus({ chunkBytes, boardChunkBytes }: XsContent): number {
  return chunkBytes - boardChunkBytes;
}
