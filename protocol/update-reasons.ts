/** Why an update did not happen. Stable: servers, dashboards and rollouts branch on these. */

/** Decided from the offer alone, before any flash is erased. */
export type OfferRefusal =
  | "manifest_unreadable"
  | "unsigned"
  | "unknown_key"
  | "bad_signature"
  | "wrong_product"
  | "wrong_board"
  | "wrong_chip"
  | "wrong_channel"
  | "manifest_expired"
  | "sequence_too_low"
  | "sequence_too_high"
  | "below_minimum_version"
  | "image_too_large"
  | "already_running"
  | "image_failed_before"
  | "awaits_new_signature"
  | "offer_mismatch"
  | "storage_failed"
  | "busy";

/** The image never ran; what ran before runs on. */
export type UpdateFailure =
  | "download_refused"
  | "size_mismatch"
  | "sha256_mismatch"
  | "image_invalid"
  | "image_mismatch"
  | "flash_failed"
  | "release_blocked"
  | "select_refused"
  | "storage_failed"
  | "no_other_image";

/** A verdict on the image: it is not tried again. */
export type ImageVerdict = "crash" | "watchdog" | "self_test_failed" | "never_started";

/** Nobody's fault that can be proven: tried once more, then it waits for a manifest signed anew. */
export type EnvironmentReason =
  | "power_cut"
  | "board_failed"
  | "network_unreachable"
  | "server_unreachable"
  | "release_blocked";

export type RollbackReason = ImageVerdict | EnvironmentReason;

export type UpdateReason = OfferRefusal | UpdateFailure | RollbackReason;

const ENVIRONMENT: ReadonlySet<string> = new Set<EnvironmentReason>([
  "power_cut",
  "board_failed",
  "network_unreachable",
  "server_unreachable",
  "release_blocked",
]);

/** Whether a rollback says nothing about the image. */
export function isEnvironment(reason: string): boolean {
  return ENVIRONMENT.has(reason);
}

/** Why a feeder runs with network, update and provisioning only. */
export type SafeModeReason =
  | "boots_failed"
  | "updates_failed"
  | "commanded"
  | "flash_failed"
  | "storage_failed";
