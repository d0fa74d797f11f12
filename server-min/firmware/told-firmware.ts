import { is } from "valibot";
import { isSha256Hex } from "../../protocol/ids.ts";
import { parseJson } from "../../protocol/json.ts";
import { parseSemVer } from "../../protocol/semver.ts";
import { isChannel } from "../../protocol/update-manifest.ts";
import type { LedgerEntry } from "../../protocol/update-messages.ts";
import { isEnvironment } from "../../protocol/update-reasons.ts";
import type { CheckedFirmware, ToldInRoom } from "../storage/device-firmware.ts";
import type { DeviceFirmware } from "../storage/schema.ts";
import type { CheckRequest, HeartbeatTold, ReportTold } from "./device-messages.ts";
import { LEDGER } from "./device-messages.ts";
import type { UpdatableDevice } from "./release-choice.ts";
import { USUAL } from "./usual-device.ts";

/** Of an image that somebody built by hand and gave no version: everything is above it. */
const LOWEST_VERSION = { numbers: [0, 0, 0], prerelease: [0] } as const;

type Before = DeviceFirmware | undefined;

/** The row after a check-update; what a client of the first stack does not tell stays as it was. */
export function toldByCheck(
  request: CheckRequest,
  deviceId: string,
  before: Before,
  nowMs: number,
): CheckedFirmware {
  const { current_version: version, ledger } = request;
  return {
    device_id: deviceId,
    ...runningImage(version, request.elfSha256, before),
    board: request.board ?? before?.board ?? USUAL.board,
    chip: request.chip ?? before?.chip ?? USUAL.chip,
    channel: request.channel ?? before?.channel ?? USUAL.channel,
    ...slotSizes(request, before),
    sequence: request.sequence ?? before?.sequence ?? 0,
    ledger: ledger === undefined ? (before?.ledger ?? "[]") : JSON.stringify(ledger),
    told_at_ms: nowMs,
    checked_at_ms: nowMs,
  };
}

function runningImage(version: string, told: string | undefined, before: ToldInRoom | undefined) {
  const isSame = before?.version === version;
  const elf_sha256 = told ?? (isSame ? before.elf_sha256 : null);
  const hasChanged =
    elf_sha256 !== null && before !== undefined && before.elf_sha256 !== elf_sha256;
  const previous = before?.previous_elf_sha256 ?? null;
  return {
    version,
    elf_sha256,
    previous_elf_sha256: hasChanged ? (before.elf_sha256 ?? previous) : previous,
  };
}

/** A device tells of the slot it would write next: of the other one whenever it runs from this one. */
function slotSizes({ slotBytes, sequence }: CheckRequest, before: Before) {
  const known = before?.slot_bytes ?? null;
  const other = before?.other_slot_bytes ?? null;
  if (slotBytes === undefined) return { slot_bytes: known, other_slot_bytes: other };
  // Accepted sequences are only forgotten with the whole flash, and its partitions may have changed with it.
  const isErased = sequence !== undefined && sequence < (before?.sequence ?? 0);
  if (isErased || known === null) return { slot_bytes: slotBytes, other_slot_bytes: null };
  return { slot_bytes: slotBytes, other_slot_bytes: known === slotBytes ? other : known };
}

/** What one says of an image before it is known to be good: `boot` is the first stack's, `pending` ours. */
const TRIAL_STATUSES: ReadonlySet<string> = new Set(["boot", "pending", "failed"]);

/** The columns a heartbeat tells, over HTTP or in the room. */
export function toldByHeartbeat(told: HeartbeatTold, before: ToldInRoom | undefined) {
  const { version } = told;
  const image = runningImage(version, told.elfSha256, before);
  const isSame = before?.version === version && before.elf_sha256 === image.elf_sha256;
  const status = told.status ?? (isSame ? before.status : null) ?? "boot";
  const isConfirmed = (isSame && before.confirmed === 1) || !TRIAL_STATUSES.has(status);
  return {
    ...image,
    slot: told.slot === undefined ? (before?.slot ?? null) : JSON.stringify(told.slot),
    ...bootCounts(told.bootCount, before, isSame),
    confirmed: isConfirmed ? 1 : 0,
    status,
    safe_mode: told.safeMode ?? null,
  };
}

/** The first stack counts the boots of an image; whoever counts on from the image before is told apart by that. */
function bootCounts(
  bootCount: number | undefined,
  before: ToldInRoom | undefined,
  isSameImage: boolean,
) {
  const known = before?.boot_count ?? null;
  if (bootCount === undefined) {
    return { boot_count: known, boot_count_before: before?.boot_count_before ?? null };
  }
  const countsOn = !isSameImage && known !== null && bootCount > known;
  const start = countsOn ? known : 0;
  return {
    boot_count: bootCount,
    boot_count_before: isSameImage ? (before?.boot_count_before ?? start) : start,
  };
}

/** The columns a report tells. */
export function toldByReport(report: ReportTold, before: Before) {
  const { version, status, error, elfSha256 } = report;
  const isJudged = status === "rolled_back" && isSha256Hex(elfSha256);
  return {
    status,
    reason: error ?? null,
    update_version: version,
    ...(isJudged && { ledger: JSON.stringify(withVerdict(ledgerOf(before), report)) }),
    ...(status === "confirmed" && before?.elf_sha256 === elfSha256 && { confirmed: 1 }),
  };
}

/** Counts at once: the device's own ledger comes with its next check only. */
function withVerdict(ledger: readonly LedgerEntry[], report: ReportTold): readonly LedgerEntry[] {
  const { elfSha256, sequence, error } = report;
  const others = ledger.filter((entry) => entry.elfSha256 !== elfSha256);
  const installs = ledger.find((entry) => entry.elfSha256 === elfSha256)?.installs ?? 1;
  const verdict = error !== undefined && isEnvironment(error) ? "environment" : "image";
  return [...others, { elfSha256, sequence, installs, verdict }];
}

/** As it decides what the device is offered. */
export function updatableDevice(
  told: CheckedFirmware,
  targetVersion: string | null,
): UpdatableDevice {
  return {
    product: USUAL.product,
    board: told.board ?? USUAL.board,
    chip: told.chip ?? USUAL.chip,
    channel: isChannel(told.channel) ? told.channel : USUAL.channel,
    version: parseSemVer(told.version ?? "") ?? LOWEST_VERSION,
    elfSha256: told.elf_sha256,
    slotBytes: told.slot_bytes,
    sequence: told.sequence ?? 0,
    ledger: ledgerOf(told),
    targetVersion,
  };
}

export function ledgerOf(row: Pick<DeviceFirmware, "ledger"> | undefined): readonly LedgerEntry[] {
  const ledger = parseJson(row?.ledger ?? "[]");
  return is(LEDGER, ledger) ? ledger : [];
}
