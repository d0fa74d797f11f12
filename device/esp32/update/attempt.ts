import { isRecord, parseRecord } from "../../../protocol/json.ts";
import type { RollbackReason } from "../../../protocol/update-reasons.ts";
import type { ResetReason, SlotState } from "../ports.ts";

/** Written before the restart into another image, read after it by whichever image then runs. */
export interface Attempt {
  /** `staged` by the old image, `pending` and `rejected` by the new one. */
  readonly phase: "staged" | "pending" | "rejected";
  /** Names this attempt for ever: its result is told under it. */
  readonly id: string;
  /** app_elf_sha256 of the image that staged, and of the one it staged. */
  readonly from: string;
  readonly to: string;
  readonly version: string;
  readonly sequence: number;
  /** Why the new image rejected itself. */
  readonly reason?: string;
}

export interface BootFacts {
  readonly attempt: Attempt | undefined;
  readonly runningElfSha256: string;
  readonly runningState: SlotState;
  readonly otherState: SlotState;
  readonly resetReason: ResetReason;
  /** The firmware had restarted it because its flash or its storage failed. */
  readonly boardFailed: boolean;
}

export type BootOutcome =
  /** No update was under way. */
  | { readonly kind: "ordinary" }
  /** This is the new image, and it is not confirmed. */
  | { readonly kind: "trial" }
  /** It was confirmed, and the power went before that was written down. */
  | { readonly kind: "confirmed"; readonly attempt: Attempt }
  /** It was on trial and was reset, and the bootloader has not taken it back: the firmware has to. */
  | { readonly kind: "not_taken_back"; readonly reason: RollbackReason }
  | { readonly kind: "rolled_back"; readonly attempt: Attempt; readonly reason: RollbackReason };

/** What became of an update, from what the bootloader left and why the board started. */
export function judgeBoot(facts: BootFacts): BootOutcome {
  const { attempt, runningElfSha256, runningState } = facts;
  if (attempt === undefined) {
    // An image that was flashed by hand and is on trial all the same.
    return { kind: runningState === "pending" ? "trial" : "ordinary" };
  }
  if (runningElfSha256 !== attempt.to) {
    return { kind: "rolled_back", attempt, reason: rollbackReason(attempt, facts) };
  }
  if (attempt.phase === "rejected") return { kind: "ordinary" };
  if (runningState === "valid") return { kind: "confirmed", attempt };
  // A bootloader without rollback leaves `new` for ever, and a torn write of otadata may leave any state.
  return attempt.phase === "pending"
    ? { kind: "not_taken_back", reason: reasonOfReset(facts) }
    : { kind: "trial" };
}

/**
 * Only a crash, the watchdog or the image's own judgement is a verdict on it. The reset reason is that of the last reset,
 * the one that ended the trial.
 */
function rollbackReason(attempt: Attempt, facts: BootFacts): RollbackReason {
  if (attempt.phase === "rejected") return rejectionReason(attempt.reason);
  // The bootloader marked it as started and then took the other one in the same breath.
  if (facts.otherState === "pending") return "never_started";
  const hasRun = attempt.phase === "pending" || facts.otherState === "aborted";
  if (hasRun) return reasonOfReset(facts);
  return reasonOfReset(facts) === "power_cut" ? "power_cut" : "board_failed";
}

/** An image on trial that restarts itself has crashed, unless its board has failed it. */
function reasonOfReset({ resetReason, boardFailed }: BootFacts): RollbackReason {
  if (resetReason === "watchdog") return "watchdog";
  if (resetReason === "software" && boardFailed) return "board_failed";
  return resetReason === "panic" || resetReason === "software" ? "crash" : "power_cut";
}

function rejectionReason(reason: string | undefined): RollbackReason {
  switch (reason) {
    case "network_unreachable":
    case "server_unreachable":
    case "release_blocked":
    case "power_cut":
    case "board_failed":
    case "crash":
    case "watchdog":
      return reason;
    default:
      return "self_test_failed";
  }
}

export function parseAttempt(text: string | undefined): Attempt | undefined {
  const value = parseRecord(text ?? "");
  return isAttempt(value) ? value : undefined;
}

function isAttempt(value: unknown): value is Attempt {
  if (!isRecord(value) || !["staged", "pending", "rejected"].includes(String(value.phase))) {
    return false;
  }
  const { id, from, to, version, sequence } = value;
  if (typeof id !== "string") return false;
  const isText = typeof from === "string" && typeof to === "string" && typeof version === "string";
  return isText && typeof sequence === "number";
}
