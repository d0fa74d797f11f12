import type { SemVer } from "../../protocol/semver.ts";
import { compareSemVer, parseSemVer } from "../../protocol/semver.ts";
import type { Channel } from "../../protocol/update-manifest.ts";
import { CHANNELS } from "../../protocol/update-manifest.ts";
import type { LedgerEntry } from "../../protocol/update-messages.ts";
import type { OfferRefusal } from "../../protocol/update-reasons.ts";
import type { ReleaseSummary } from "../storage/releases.ts";
import { versionSortKey } from "./version-sort-key.ts";

/** A device, as far as it decides what it is offered. Null is what it did not tell. */
export interface UpdatableDevice {
  readonly product: string;
  readonly board: string;
  readonly chip: string;
  readonly channel: Channel;
  readonly version: SemVer;
  readonly elfSha256: string | null;
  readonly slotBytes: number | null;
  /** The highest sequence it accepted. */
  readonly sequence: number;
  readonly ledger: readonly LedgerEntry[];
  /** The release an operator chose for it. */
  readonly targetVersion: string | null;
}

/** A feeder restarts into a build so often under one signature: once, and once more when nobody was to blame. */
const INSTALLS_MAX = 2;

/** Whoever is on beta also takes what became stable. */
export function channelsTakenBy(channel: Channel): readonly Channel[] {
  return CHANNELS.slice(CHANNELS.indexOf(channel));
}

export function channelsThatTake(channel: Channel): readonly Channel[] {
  return CHANNELS.slice(0, CHANNELS.indexOf(channel) + 1);
}

/**
 * What the device is offered, of the releases for its product, board and chip, highest version first: what an operator
 * chose, else the highest it can take. Nothing below what it runs, unless that was blocked.
 */
export function chooseRelease(
  device: UpdatableDevice,
  releases: readonly ReleaseSummary[],
): ReleaseSummary | undefined {
  const open = releases.filter(({ blocked_at_ms }) => blocked_at_ms === null);
  const target = open.find(({ version }) => version === device.targetVersion);
  if (target !== undefined) return refusalOf(target, device) === undefined ? target : undefined;
  const runningKey = versionSortKey(device.version);
  // Going on below what runs would take a device back that has the best there is.
  const end = runsBlocked(device, releases)
    ? -1
    : open.findIndex((release) => isRunning(release, device) || release.sort_key < runningKey);
  const candidates = end === -1 ? open : open.slice(0, end);
  return candidates.find((release) => refusalOf(release, device) === undefined);
}

/** Only such a device is offered what is below the version that it runs. */
export function runsBlocked(device: UpdatableDevice, releases: readonly ReleaseSummary[]): boolean {
  return releases.some((release) => release.blocked_at_ms !== null && isRunning(release, device));
}

/** What the device itself would answer to an offer of this release, as far as the server knows it. */
export function refusalOf(
  release: ReleaseSummary,
  device: UpdatableDevice,
): OfferRefusal | undefined {
  if (release.product !== device.product) return "wrong_product";
  if (release.board !== device.board) return "wrong_board";
  if (release.chip !== device.chip) return "wrong_chip";
  if (!channelsTakenBy(device.channel).includes(release.channel)) return "wrong_channel";
  if (isRunning(release, device)) return "already_running";
  const minimum = parseSemVer(release.minimum_version);
  if (minimum === undefined || compareSemVer(device.version, minimum) < 0) {
    return "below_minimum_version";
  }
  if (device.slotBytes !== null && release.bytes > device.slotBytes) return "image_too_large";
  // Equal is the one it is just installing: no longer offering it would call it off.
  if (release.sequence < device.sequence) return "sequence_too_low";
  return ledgerRefusal(release, device.ledger);
}

/** The version alone tells builds apart only where the device tells nothing better. */
function isRunning(release: ReleaseSummary, { elfSha256, version }: UpdatableDevice): boolean {
  if (elfSha256 !== null) return release.elf_sha256 === elfSha256;
  return release.sort_key === versionSortKey(version);
}

function ledgerRefusal(
  { elf_sha256, sequence }: ReleaseSummary,
  ledger: readonly LedgerEntry[],
): OfferRefusal | undefined {
  const entry = ledger.find(({ elfSha256 }) => elfSha256 === elf_sha256);
  if (entry === undefined) return undefined;
  if (entry.verdict === "image") return "image_failed_before";
  if (sequence > entry.sequence || entry.installs < INSTALLS_MAX) return undefined;
  return "awaits_new_signature";
}
