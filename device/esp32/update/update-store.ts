import { isRecord, parseJson, parseRecord } from "../../../protocol/json.ts";
import {
  type OfferedManifest,
  parseOfferedManifest,
  parseUpdateCommand,
  type UnsignedImage,
  type UpdateReport,
} from "../../../protocol/update-messages.ts";
import { RESULTS_MAX } from "../limits.ts";
import type { KeyValueStore } from "../ports.ts";
import { type Attempt, parseAttempt } from "./attempt.ts";
import { type Ledger, parseLedger } from "./ledger.ts";
import type { SequenceFloor } from "./offer-check.ts";
import type { SlotProgress } from "./slot-writer.ts";

/** NVS keys have at most 15 characters. */
export const ATTEMPT_KEY = "updAttempt";

const KEYS = {
  release: "updRelease",
  progress: "updProgress",
  attempt: ATTEMPT_KEY,
  previous: "updPrevious",
  ledger: "updLedger",
  floor: "updSequence",
  results: "updResults",
  failures: "updFailures",
} as const;

/** What is being installed, as it was offered: its signature is checked again by whoever reads it. */
export interface StoredRelease {
  readonly source: OfferedManifest | UnsignedImage;
  readonly force: boolean;
}

export interface PreviousImage {
  readonly elfSha256: string;
  readonly slotSha256: string;
}

/** What the update remembers over restarts. Each write is whole or not at all (NVS), and so each is one decision. */
export class UpdateStore {
  readonly #entries: KeyValueStore;

  constructor(entries: KeyValueStore) {
    this.#entries = entries;
  }

  get release(): StoredRelease | undefined {
    const value = parseRecord(this.#entries.read(KEYS.release) ?? "");
    if (value === undefined) return undefined;
    const force = value.force === true;
    const offered = parseOfferedManifest(value.source);
    if (offered !== undefined) return { source: offered, force };
    const command = parseUpdateCommand(value.source);
    return command?.action === "unsigned" ? { source: command.image, force } : undefined;
  }

  set release(release: StoredRelease | undefined) {
    this.put(KEYS.release, release && JSON.stringify(release));
  }

  get progress(): SlotProgress {
    const [sectors = "", chain = ""] = (this.#entries.read(KEYS.progress) ?? "").split(":");
    return /^\d{1,5}$/.test(sectors)
      ? { sectors: Number(sectors), chain }
      : { sectors: 0, chain: "" };
  }

  set progress({ sectors, chain }: SlotProgress) {
    this.put(KEYS.progress, sectors === 0 ? undefined : `${sectors}:${chain}`);
  }

  get attempt(): Attempt | undefined {
    return parseAttempt(this.#entries.read(KEYS.attempt));
  }

  set attempt(attempt: Attempt | undefined) {
    this.put(KEYS.attempt, attempt && JSON.stringify(attempt));
  }

  /** What the other slot holds, when it is what ran well here before: its build, and a hash of the whole slot. */
  get previous(): PreviousImage | undefined {
    const [elfSha256 = "", slotSha256 = ""] = (this.#entries.read(KEYS.previous) ?? "").split(":");
    return slotSha256 === "" ? undefined : { elfSha256, slotSha256 };
  }

  set previous(image: PreviousImage | undefined) {
    this.put(KEYS.previous, image && `${image.elfSha256}:${image.slotSha256}`);
  }

  get ledger(): Ledger {
    return parseLedger(this.#entries.read(KEYS.ledger));
  }

  set ledger(ledger: Ledger) {
    this.put(KEYS.ledger, JSON.stringify(ledger));
  }

  get floor(): SequenceFloor {
    const [sequence = "", elfSha256 = ""] = (this.#entries.read(KEYS.floor) ?? "").split(":");
    return { sequence: /^\d{1,16}$/.test(sequence) ? Number(sequence) : 0, elfSha256 };
  }

  /** Never lowered. */
  raiseFloor({ sequence, elfSha256 }: SequenceFloor): void {
    if (sequence > this.floor.sequence) this.put(KEYS.floor, `${sequence}:${elfSha256}`);
  }

  /** Failed updates in a row. */
  get failures(): number {
    return Number(this.#entries.read(KEYS.failures) ?? 0) || 0;
  }

  set failures(failures: number) {
    this.put(KEYS.failures, failures === 0 ? undefined : String(failures));
  }

  /** Results the server has not acknowledged, oldest first. */
  get results(): readonly UpdateReport[] {
    const stored = parseJson(this.#entries.read(KEYS.results) ?? "[]");
    return Array.isArray(stored) ? stored.filter(isReport) : [];
  }

  /** A result that was told before is not kept twice; of too many the oldest goes. */
  addResult(result: UpdateReport): void {
    const others = this.results.filter(({ reportId }) => reportId !== result.reportId);
    this.put(KEYS.results, JSON.stringify([...others, result].slice(-RESULTS_MAX)));
  }

  dropResult(reportId: string): void {
    const left = this.results.filter((result) => result.reportId !== reportId);
    this.put(KEYS.results, left.length === 0 ? undefined : JSON.stringify(left));
  }

  /** What is the same already is not written: flash wears. */
  private put(key: string, value: string | undefined): void {
    const before = this.#entries.read(key);
    if (before === value) return;
    if (value === undefined) this.#entries.delete(key);
    else this.#entries.write(key, value);
  }
}

function isReport(value: unknown): value is UpdateReport {
  return isRecord(value) && typeof value.reportId === "string" && typeof value.status === "string";
}
