import { type BootResult, boot, readPartitions } from "../../../host-sim/board/bootloader.ts";
import type { Flash } from "../../../host-sim/board/flash.ts";
import { Nvs } from "../../../host-sim/board/nvs.ts";
import {
  crcMatches,
  IMAGE_STATE,
  type OtadataEntry,
  readOtadata,
  slotOf,
} from "../../../host-sim/board/otadata.ts";
import { isOtadata, type Partition, slotNumber } from "../../../host-sim/board/partition-table.ts";
import { NEW_VERSION, OLD_VERSION } from "./update-journal.ts";

const SLOTS = 2;
const FLOOR_ENTRY = "skyfeeder/updSequence";

export type CutFault =
  | "does not boot"
  /** A bootloader that validates nothing, as the SDK's own, would have started half an image. */
  | "boots by the bootloader's check alone"
  /** The new image runs for ever without having been confirmed. */
  | "runs untried"
  | "sequence fell"
  | "does not recover";

export interface SequenceBefore {
  /** The highest sequence accepted. */
  readonly floor: number;
  /** The new image is: the old one must not come back. */
  readonly isConfirmed: boolean;
}

/** What a chip must be able to do wherever the power went. */
export class CutOracle {
  readonly #partitions: readonly Partition[];
  readonly #nvs: Partition | undefined;
  #nvsContent: readonly object[] = [];
  #floor = 0;

  constructor(chip: Flash) {
    this.#partitions = readPartitions(chip);
    this.#nvs = this.#partitions.find(({ label }) => label === "nvs");
  }

  /** The highest sequence the firmware has accepted, as it would read it; read again only where NVS has changed. */
  #floorOf(chip: Flash): number {
    const { offsetBytes, sizeBytes } = this.#nvs ?? { offsetBytes: 0, sizeBytes: 0 };
    const content = chip.content(offsetBytes, sizeBytes);
    if (content.every((sector, index) => sector === this.#nvsContent[index])) return this.#floor;
    const nvs = new Nvs(chip.fork(), this.#nvs);
    nvs.mount();
    this.#nvsContent = content;
    this.#floor = Number.parseInt(nvs.get(FLOOR_ENTRY) ?? "0", 10);
    return this.#floor;
  }

  /** Two starts: the first may leave an image on trial, which the second takes back. */
  faultsOf(chip: Flash, before: SequenceBefore): CutFault[] {
    const faults: CutFault[] = [];
    const floor = this.#floorOf(chip);
    const entries = this.#entriesOf(chip);
    const unchecked = boot(chip.fork(), { rollback: true, validation: false });
    const started = chip.fork();
    const boots = [boot(started), boot(started)];
    const versions = boots.map((result) =>
      result.kind === "booted" ? result.image.version : undefined,
    );
    if (!versions.every(isOurs)) faults.push("does not boot");
    else if (unchecked.kind !== "booted" || !isOurs(unchecked.image.version)) {
      faults.push("boots by the bootloader's check alone");
    }
    const isKept = versions.every((version) => version === NEW_VERSION);
    if (isKept && !this.#isConfirmed(entries, boots[0])) faults.push("runs untried");
    const isBack = before.isConfirmed && versions.includes(OLD_VERSION);
    if (floor < before.floor || isBack) faults.push("sequence fell");
    return faults;
  }

  /** What a chip has reached that no power cut may take from it. */
  sequenceOf(chip: Flash): SequenceBefore {
    const booted = boot(chip.fork());
    const isNew = booted.kind === "booted" && booted.image.version === NEW_VERSION;
    const isConfirmed = isNew && this.#isConfirmed(this.#entriesOf(chip), booted);
    return { floor: this.#floorOf(chip), isConfirmed };
  }

  #entriesOf(chip: Flash): readonly OtadataEntry[] {
    const otadata = this.#partitions.find(isOtadata);
    return otadata === undefined ? [] : readOtadata(chip, otadata);
  }

  /** By otadata: the slot that boots is one that says VALID. */
  #isConfirmed(entries: readonly OtadataEntry[], booted: BootResult | undefined): boolean {
    return entries.some((entry) => {
      if (entry.state !== IMAGE_STATE.valid || !crcMatches(entry)) return false;
      return booted?.kind === "booted" && slotNumber(booted.slot) === slotOf(entry.sequence, SLOTS);
    });
  }
}

function isOurs(version: string | undefined): boolean {
  return version === OLD_VERSION || version === NEW_VERSION;
}
