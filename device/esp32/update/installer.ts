import type { UpdateFailure } from "../../../protocol/update-reasons.ts";
import type { AppDescription, AppSlots, FlashPartition, Sha256 } from "../ports.ts";
import type { Attempt } from "./attempt.ts";
import type { BootWatch } from "./boot-watch.ts";
import { countInstall, putAside } from "./ledger.ts";
import { isSigned, type Release } from "./release.ts";
import { SlotWriter } from "./slot-writer.ts";
import type { UpdateStore } from "./update-store.ts";

export type ImageCheck =
  | { readonly kind: "good"; readonly description: AppDescription }
  | { readonly kind: "bad"; readonly reason: UpdateFailure };

/** Puts images into the other slot and makes them the next to boot. The only one who does. */
export class Installer {
  readonly #slots: AppSlots;
  readonly #store: UpdateStore;
  readonly #boots: BootWatch;
  readonly #makeId: () => string;
  readonly writer: SlotWriter;

  constructor(
    slots: AppSlots,
    createSha256: () => Sha256,
    store: UpdateStore,
    boots: BootWatch,
    makeId: () => string,
  ) {
    this.#slots = slots;
    this.#store = store;
    this.#boots = boots;
    this.#makeId = makeId;
    this.writer = new SlotWriter(slots.otherImage, createSha256, (progress) => {
      store.progress = progress;
    });
  }

  get image(): FlashPartition {
    return this.#slots.otherImage;
  }

  /** Takes a release up: behind what is in flash of it, or from the start. False while nothing may be replaced. */
  open(release: Release): boolean {
    const known = this.#store.release?.source.sha256 === release.sha256;
    // In this order: what is on flash under a stored release was opened for writing.
    if (!known) {
      if (!this.#slots.openOther()) return false;
      this.#store.previous = undefined;
      this.writer.restart();
    } else if (this.writer.takenBytes === 0) {
      this.writer.resume(this.#store.progress);
    }
    this.#store.release = { source: release.source, force: release.force };
    this.#store.raiseFloor(release);
    return true;
  }

  /** Nothing of it is taken up again, and nothing that was written of it may ever boot, not even as the last resort. */
  close(): void {
    if (this.#store.progress.sectors > 0) this.spoil();
    this.forget();
  }

  /** The image that was installed is the one that runs. */
  forget(): void {
    this.writer.restart();
    this.#store.release = undefined;
  }

  /** What is in flash, read back whole: the signed hash, an image, and the very build that was signed. */
  check(release: Release): ImageCheck {
    if (this.writer.hash(release.sizeBytes) !== release.sha256) {
      return { kind: "bad", reason: "sha256_mismatch" };
    }
    const description = this.#slots.readOther();
    if (description === undefined) return { kind: "bad", reason: "image_invalid" };
    const isOther = isSigned(release.source) && description.elfSha256 !== release.elfSha256;
    return isOther ? { kind: "bad", reason: "image_mismatch" } : { kind: "good", description };
  }

  /** Checks and selects in one go: between the two nothing else runs. Undefined when it is selected. */
  stage(release: Release): UpdateFailure | undefined {
    const image = this.check(release);
    if (image.kind === "bad") return image.reason;
    const { elfSha256 } = image.description;
    const { version, sequence } = release;
    this.#store.ledger = countInstall(this.#store.ledger, { elfSha256, sequence });
    return this.select({ to: elfSha256, version, sequence });
  }

  /** Back to what ran here before, byte for byte, when that is the build that is meant. */
  revert(elfSha256: string | undefined): UpdateFailure | undefined {
    const { previous, release } = this.#store;
    const other = this.#slots.readOther();
    if (other === undefined || previous?.elfSha256 !== other.elfSha256) return "no_other_image";
    if (release !== undefined || (elfSha256 ?? other.elfSha256) !== other.elfSha256) {
      return "no_other_image";
    }
    if (this.hashOfSlot() !== previous.slotSha256) return "no_other_image";
    const failure = this.select({ to: other.elfSha256, version: other.version, sequence: 0 });
    if (failure === undefined) this.putAsideRunning();
    return failure;
  }

  /** False when it could not be written: the image is on trial still. */
  confirm(): boolean {
    this.#slots.confirm();
    const state = this.#slots.runningState();
    return state !== "pending" && state !== "new";
  }

  /** What ran before has proven itself: it is what a revert goes back to. */
  keepPrevious(elfSha256: string): void {
    const isThere = this.#slots.readOther()?.elfSha256 === elfSha256;
    this.#store.previous = isThere ? { elfSha256, slotSha256: this.hashOfSlot() } : undefined;
  }

  /** Restarts into the other image; returns only where there is none. */
  reject(): void {
    this.#slots.reject();
  }

  private hashOfSlot(): string {
    return this.writer.hash(this.#slots.otherImage.sizeBytes);
  }

  /** The attempt is on flash before the selection is: whatever boots then knows of it. */
  private select(image: Pick<Attempt, "to" | "version" | "sequence">): UpdateFailure | undefined {
    // Old verdicts of the bootloader on this slot would be taken for verdicts on this attempt.
    if (!this.#slots.openOther()) return "select_refused";
    const from = this.#slots.running.elfSha256;
    this.#store.attempt = { phase: "staged", id: this.#makeId(), from, ...image };
    const isKnown = this.#boots.mayStart(image.to);
    if (isKnown && this.#slots.selectOther()) return undefined;
    this.#store.attempt = undefined;
    return isKnown ? "select_refused" : "storage_failed";
  }

  /** The first sector is what makes it an image. Where even that fails otadata does not name the slot. */
  private spoil(): void {
    try {
      this.#slots.otherImage.eraseSector(0);
    } catch {
      return;
    }
  }

  /** Only what is signed after all that was seen brings it back. */
  private putAsideRunning(): void {
    const { floor, ledger } = this.#store;
    const { elfSha256 } = this.#slots.running;
    this.#store.ledger = putAside(ledger, { elfSha256, sequence: floor.sequence });
  }
}
