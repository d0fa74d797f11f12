import type {
  EnvironmentReason,
  UpdateFailure,
  UpdateReason,
} from "../../../protocol/update-reasons.ts";
import { DOWNLOAD_RETRY_BASE_MS, DOWNLOAD_RETRY_MAX_MS, GATE_RETRY_MS } from "../limits.ts";
import type { Release } from "./release.ts";

/** The life of one update, as the feeder that lives through it has it. */
export type UpdateState =
  | { readonly kind: "idle" }
  /** Accepted; waits for battery, window and a quiet moment. */
  | { readonly kind: "offered"; readonly release: Release; readonly fileOffsetBytes: number }
  | {
      readonly kind: "downloading";
      readonly release: Release;
      readonly fileOffsetBytes: number;
      /** Broken connections since the last new byte. */
      readonly failures: number;
    }
  /** Whole in flash, and its hash is the signed one; waits for a quiet moment and for the gate. */
  | { readonly kind: "verified"; readonly release: Release }
  | { readonly kind: "staged"; readonly release: Release }
  | { readonly kind: "restarting"; readonly release: Release }
  /** This image is the new one, on trial. */
  | { readonly kind: "pending" }
  | { readonly kind: "confirmed" }
  | { readonly kind: "rolledBack"; readonly reason: UpdateReason }
  | { readonly kind: "failed"; readonly reason: UpdateReason };

/** What keeps an image from being one that can be updated again; undefined: nothing. */
export type GateFailure = EnvironmentReason | "self_test_failed";

export type UpdateInput =
  /** So much of it is in flash already. */
  | { readonly kind: "offered"; readonly release: Release; readonly fileOffsetBytes: number }
  /** The server no longer offers what is under way. */
  | { readonly kind: "withdrawn" }
  /** Battery, window and idleness are as they should be. */
  | { readonly kind: "quiet" }
  | { readonly kind: "progress"; readonly fileOffsetBytes: number }
  | { readonly kind: "broken" }
  | { readonly kind: "downloaded" }
  | { readonly kind: "failed"; readonly reason: UpdateFailure }
  | { readonly kind: "waited" }
  | { readonly kind: "verified" }
  | { readonly kind: "gated"; readonly failure: GateFailure | undefined }
  | { readonly kind: "staged" };

export type UpdateEffect =
  /** Say "quiet" when the conditions are met. */
  | { readonly kind: "await_quiet" }
  | { readonly kind: "download"; readonly release: Release }
  | { readonly kind: "wait"; readonly delayMs: number }
  | { readonly kind: "verify"; readonly release: Release }
  | { readonly kind: "gate" }
  | { readonly kind: "stage"; readonly release: Release }
  | { readonly kind: "restart" }
  | { readonly kind: "confirm" }
  | { readonly kind: "reject"; readonly reason: GateFailure }
  /** It is over: nothing of it is taken up after a restart. */
  | { readonly kind: "give_up"; readonly release: Release; readonly reason: UpdateFailure };

export interface UpdateStep {
  readonly state: UpdateState;
  readonly effects: readonly UpdateEffect[];
}

/** `uniform` in [0, 1) is drawn for waits: feeders of one outage must not come back as one. */
export function stepUpdate(state: UpdateState, input: UpdateInput, uniform: number): UpdateStep {
  switch (state.kind) {
    case "offered":
      return stepOffered(state, input);
    case "downloading":
      return stepDownloading(state, input, uniform);
    case "verified":
      return stepVerified(state, input, uniform);
    case "staged":
      return input.kind === "waited"
        ? go({ ...state, kind: "restarting" }, { kind: "restart" })
        : stay(state);
    case "pending":
      return stepPending(state, input);
    case "restarting":
      return stay(state);
    default:
      return input.kind === "offered" ? accept(input) : stay(state);
  }
}

function accept(input: UpdateInput & { readonly kind: "offered" }): UpdateStep {
  return go(input, { kind: "await_quiet" });
}

/** The newest offer counts: what is in flash of another one is of no use. */
function stepOffered(
  state: UpdateState & { readonly kind: "offered" },
  input: UpdateInput,
): UpdateStep {
  const { release, fileOffsetBytes } = state;
  if (input.kind === "offered") return accept(input);
  if (input.kind === "withdrawn") return go({ kind: "idle" });
  if (input.kind !== "quiet") return stay(state);
  if (fileOffsetBytes < release.sizeBytes) {
    return go({ ...state, kind: "downloading", failures: 0 }, { kind: "download", release });
  }
  return go({ ...state, kind: "downloading", failures: 0 }, { kind: "verify", release });
}

function stepDownloading(
  state: UpdateState & { readonly kind: "downloading" },
  input: UpdateInput,
  uniform: number,
): UpdateStep {
  const { release } = state;
  switch (input.kind) {
    case "progress":
      return go({ ...state, fileOffsetBytes: input.fileOffsetBytes, failures: 0 });
    case "downloaded":
      return go(state, { kind: "verify", release });
    case "verified":
      return go({ kind: "verified", release }, { kind: "await_quiet" });
    case "broken": {
      const delayMs = retryDelayMs(state.failures, uniform);
      return go({ ...state, failures: state.failures + 1 }, { kind: "wait", delayMs });
    }
    case "waited":
      return go(state, { kind: "download", release });
    default:
      return stepWritten(state, input);
  }
}

function stepVerified(
  state: UpdateState & { readonly kind: "verified" },
  input: UpdateInput,
  uniform: number,
): UpdateStep {
  const { release } = state;
  switch (input.kind) {
    case "quiet":
      return go(state, { kind: "gate" });
    case "gated":
      if (input.failure === undefined) return go(state, { kind: "stage", release });
      if (input.failure === "release_blocked") return fail(release, "release_blocked");
      // The server is away: so it would be for the new image, which would then be taken for bad.
      return go(state, { kind: "wait", delayMs: GATE_RETRY_MS * (0.5 + uniform) });
    case "waited":
      return go(state, { kind: "await_quiet" });
    case "staged":
      // The report of it leaves before the restart does.
      return go({ kind: "staged", release }, { kind: "wait", delayMs: 1_000 });
    default:
      return stepWritten(state, input);
  }
}

/** Some or all of the image is in flash: what may end that, or go on with it. */
function stepWritten(
  state: UpdateState & { readonly kind: "downloading" | "verified" },
  input: UpdateInput,
): UpdateStep {
  const { release } = state;
  switch (input.kind) {
    case "failed":
      return fail(release, input.reason);
    case "withdrawn":
      return go({ kind: "idle" });
    case "offered":
      return isSame(release, input.release)
        ? go({ ...state, release: input.release })
        : accept(input);
    default:
      return stay(state);
  }
}

function stepPending(
  state: UpdateState & { readonly kind: "pending" },
  input: UpdateInput,
): UpdateStep {
  if (input.kind !== "gated") return stay(state);
  if (input.failure === undefined) return go({ kind: "confirmed" }, { kind: "confirm" });
  const reason = input.failure;
  return go({ kind: "rolledBack", reason }, { kind: "reject", reason });
}

function fail(release: Release, reason: UpdateFailure): UpdateStep {
  return go({ kind: "failed", reason }, { kind: "give_up", release, reason });
}

/** Signed anew it is still the same image, and what is in flash of it is good. */
function isSame(a: Release, b: Release): boolean {
  return a.sha256 === b.sha256 && a.sizeBytes === b.sizeBytes;
}

function retryDelayMs(failures: number, uniform: number): number {
  const ceilingMs = Math.min(DOWNLOAD_RETRY_MAX_MS, DOWNLOAD_RETRY_BASE_MS * 2 ** failures);
  return ceilingMs * (0.5 + uniform / 2);
}

function go(state: UpdateState, ...effects: UpdateEffect[]): UpdateStep {
  return { state, effects };
}

function stay(state: UpdateState): UpdateStep {
  return { state, effects: [] };
}
