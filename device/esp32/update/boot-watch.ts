import type { SafeModeReason } from "../../../protocol/update-reasons.ts";
import { BOOTS_FAILED_MAX } from "../limits.ts";
import type { Board, KeyValueStore, Log, ResetReason } from "../ports.ts";
import { decodeNote, encodeNote, type RetainedNote } from "./retained-note.ts";
import { ATTEMPT_KEY } from "./update-store.ts";

const KEY = "safeMode";

function headOf(elfSha256: string): number {
  return Number.parseInt(elfSha256.slice(0, 8), 16) || 0;
}

/** Counts boots that end by themselves, and knows whether this one is in safe mode. */
export class BootWatch {
  readonly #board: Board;
  readonly #store: KeyValueStore;
  readonly #log: Log;
  #note: RetainedNote;
  /** Undefined: everything runs. */
  readonly safeMode: SafeModeReason | undefined;
  /** The start before ended by itself. */
  readonly crashed: boolean;
  /** It was restarted because flash or storage failed. */
  readonly boardFailed: boolean;

  /** An image on trial runs all it has: in safe mode it would show nothing. But what is broken stays broken. */
  constructor(board: Board, store: KeyValueStore, log: Log, isOnTrial: boolean) {
    this.#board = board;
    this.#store = store;
    this.#log = log;
    const before = decodeNote(board.readRetained());
    this.boardFailed = before.restartWanted && isBroken(before.safeMode);
    this.crashed = isFailure(before, board.resetReason);
    const failedBoots = countFailedBoots(before, board.resetReason, this.crashed);
    this.#note = { ...before, failedBoots, restartWanted: false };
    this.save();
    if (failedBoots >= BOOTS_FAILED_MAX) this.enter("boots_failed");
    const safeMode = this.#note.safeMode ?? parseReason(store.read(KEY));
    this.safeMode = isOnTrial && !isBroken(safeMode) ? undefined : safeMode;
  }

  /** The feeder is well: what made it restart before is over. */
  bootSucceeded(): void {
    this.#note = { ...this.#note, failedBoots: 0 };
    this.save();
  }

  /** A restart that is nobody's failure. */
  restart(): void {
    this.#note = { ...this.#note, restartWanted: true };
    this.save();
    this.#board.restart();
  }

  restartInSafeMode(reason: SafeModeReason): void {
    this.enter(reason);
    this.restart();
  }

  /** And everything runs again. */
  restartAfresh(): void {
    this.endSafeMode();
    this.restart();
  }

  /** From the next start on. */
  endSafeMode(): void {
    this.#note = { ...this.#note, safeMode: undefined, failedBoots: 0 };
    this.save();
    if (this.#store.read(KEY) !== undefined) this.#store.delete(KEY);
  }

  /** Where flash remembers no attempt an image is started once, and memory that outlives resets knows it. */
  mayStart(elfSha256: string): boolean {
    if (this.#store.read(ATTEMPT_KEY) !== undefined) return true;
    const isNew = !this.hasStartedUnremembered(elfSha256);
    this.#note = { ...this.#note, startedBuild: headOf(elfSha256) };
    this.save();
    return isNew;
  }

  hasStartedUnremembered(elfSha256: string): boolean {
    const build = headOf(elfSha256);
    return build !== 0 && this.#note.startedBuild === build;
  }

  private enter(reason: SafeModeReason): void {
    this.#log.write("warn", "safe-mode", reason);
    this.#note = { ...this.#note, safeMode: reason, failedBoots: 0 };
    this.save();
    try {
      this.#store.write(KEY, reason);
    } catch (error) {
      // Storage that takes nothing more is one of the reasons to be here; the retained note holds until the power goes.
      this.#log.write("warn", "safe-mode", String(error));
    }
  }

  private save(): void {
    this.#board.writeRetained(encodeNote(this.#note));
  }
}

function isBroken(reason: SafeModeReason | undefined): boolean {
  return reason === "flash_failed" || reason === "storage_failed";
}

/** Power that comes, a reset button and a wake say nothing of the firmware. */
function isFailure({ restartWanted }: RetainedNote, reason: ResetReason): boolean {
  return reason === "panic" || reason === "watchdog" || (reason === "software" && !restartWanted);
}

function countFailedBoots(before: RetainedNote, reason: ResetReason, crashed: boolean): number {
  if (crashed) return before.failedBoots + 1;
  return reason === "power_on" ? 0 : before.failedBoots;
}

function parseReason(text: string | undefined): SafeModeReason | undefined {
  switch (text) {
    case "boots_failed":
    case "updates_failed":
    case "commanded":
    case "flash_failed":
    case "storage_failed":
      return text;
    default:
      return undefined;
  }
}
