import { isSha256Hex } from "../../../protocol/ids.ts";
import { isRecord, parseJson } from "../../../protocol/json.ts";
import type { LedgerEntry } from "../../../protocol/update-messages.ts";
import {
  isEnvironment,
  type OfferRefusal,
  type RollbackReason,
} from "../../../protocol/update-reasons.ts";
import { INSTALLS_MAX, LEDGER_ENTRIES_MAX } from "../limits.ts";

/** What is known of every build that was tried, by app_elf_sha256: it makes an update loop impossible. */
export type Ledger = readonly LedgerEntry[];

type Build = Pick<LedgerEntry, "elfSha256" | "sequence">;

/** Why the ledger refuses a build; undefined when it does not. */
export function refusalOf(ledger: Ledger, build: Build): OfferRefusal | undefined {
  const entry = ledger.find(({ elfSha256 }) => elfSha256 === build.elfSha256);
  if (entry === undefined) return undefined;
  if (entry.verdict === "image") return "image_failed_before";
  if (build.sequence > entry.sequence) return undefined;
  return entry.installs >= INSTALLS_MAX ? "awaits_new_signature" : undefined;
}

/** Counted before the restart, so that no power cut makes it one too few. A higher sequence counts from 0. */
export function countInstall(ledger: Ledger, build: Build): Ledger {
  const known = ledger.find(({ elfSha256 }) => elfSha256 === build.elfSha256);
  const isSame = known !== undefined && known.sequence >= build.sequence;
  const installs = isSame ? known.installs + 1 : 1;
  const verdict = known?.verdict ?? "open";
  return put(ledger, { ...build, installs, verdict });
}

export function noteRollback(ledger: Ledger, build: Build, reason: RollbackReason): Ledger {
  const known = ledger.find(({ elfSha256 }) => elfSha256 === build.elfSha256);
  const verdict = isEnvironment(reason) ? "environment" : "image";
  return put(ledger, { ...build, installs: known?.installs ?? 1, verdict });
}

/** Good, but not wanted under this signature: somebody reverted it, or blocked it. */
export function putAside(ledger: Ledger, build: Build): Ledger {
  return put(ledger, { ...build, installs: INSTALLS_MAX, verdict: "environment" });
}

/** When it is full, what says least goes first: then the oldest. */
function put(ledger: Ledger, entry: LedgerEntry): Ledger {
  const others = ledger.filter(({ elfSha256 }) => elfSha256 !== entry.elfSha256);
  if (others.length < LEDGER_ENTRIES_MAX) return [...others, entry];
  const spare = others.find(({ verdict }) => verdict !== "image") ?? others[0];
  return [...others.filter((other) => other !== spare), entry];
}

export function parseLedger(text: string | undefined): Ledger {
  const entries = parseJson(text ?? "[]");
  return Array.isArray(entries) ? entries.filter(isLedgerEntry) : [];
}

function isLedgerEntry(value: unknown): value is LedgerEntry {
  if (!isRecord(value) || !isSha256Hex(value.elfSha256)) return false;
  if (!Number.isSafeInteger(value.sequence) || !Number.isSafeInteger(value.installs)) return false;
  return ["open", "image", "environment"].includes(String(value.verdict));
}
