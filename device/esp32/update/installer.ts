import type { UpdateFailure } from "../../../protocol/update-reasons.ts";
import type { AppDescription, AppSlots, FlashPartition, Sha256 } from "../ports.ts";
import type { Attempt } from "./attempt.ts";
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
  readonly writer: SlotWriter;

  constructor(slots: AppSlots, createSha256: () => Sha256, store: UpdateStore) {
    this.#slots = slots;
    this.#store = store;
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
      this.writer.restart();
    } else if (this.writer.takenBytes === 0) {
      this.writer.resume(this.#store.progress);
    }
    this.#store.release = { source: release.source, force: release.force };
    return true;
  }

  /** Nothing of it is taken up again. What the other slot holds from now on is not worth a boot. */
  close(): void {
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
    return this.#select({ to: elfSha256, version, sequence });
  }

  /** Back to what the other slot holds, when that is the build that is meant. */
  revert(elfSha256: string | undefined): UpdateFailure | undefined {
    const other = this.#slots.readOther();
    const state = this.#slots.otherState();
    const isMeant = other !== undefined && (elfSha256 ?? other.elfSha256) === other.elfSha256;
    if (!isMeant || this.#store.release !== undefined) return "no_other_image";
    if (state === "aborted" || state === "invalid") return "no_other_image";
    const failure = this.#select({ to: other.elfSha256, version: other.version, sequence: 0 });
    if (failure === undefined) this.#putAsideRunning();
    return failure;
  }

  confirm(): void {
    this.#slots.confirm();
  }

  /** Restarts into the other image; returns only where there is none. */
  reject(): void {
    this.#slots.reject();
  }

  /** The attempt is on flash before the selection is: whatever boots then knows of it. */
  #select(image: Pick<Attempt, "to" | "version" | "sequence">): UpdateFailure | undefined {
    // Old verdicts of the bootloader on this slot would be taken for verdicts on this attempt.
    if (!this.#slots.openOther()) return "select_refused";
    this.#store.attempt = { phase: "staged", from: this.#slots.running.elfSha256, ...image };
    if (this.#slots.selectOther()) return undefined;
    this.#store.attempt = undefined;
    return "select_refused";
  }

  #putAsideRunning(): void {
    const { floor, ledger } = this.#store;
    const { elfSha256 } = this.#slots.running;
    const sequence = floor.elfSha256 === elfSha256 ? floor.sequence : 0;
    this.#store.ledger = putAside(ledger, { elfSha256, sequence });
  }
}
