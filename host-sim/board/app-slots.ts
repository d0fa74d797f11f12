import type { Flash } from "./flash.ts";
import {
  activeEntry,
  crcMatches,
  type EntryIndex,
  hasSequence,
  IMAGE_STATE,
  isRejected,
  isValid,
  makeEntry,
  type Otadata,
  type OtadataEntry,
  readOtadata,
  slotOf,
  writeEntry,
} from "./otadata.ts";
import { isFactory, isOtadata, type Partition, slotNumber } from "./partition-table.ts";
import { readSlotImage } from "./slot-image.ts";

/** esp_err_t, as far as these calls return them. */
const ESP_OK = 0;
const ESP_FAIL = -1;
const ESP_ERR_INVALID_ARG = 0x102;
const ESP_ERR_NOT_FOUND = 0x105;
/** What the flash driver says when the chip does not get done. */
const ESP_ERR_TIMEOUT = 0x107;
const ESP_ERR_OTA_PARTITION_CONFLICT = 0x1501;
const ESP_ERR_OTA_VALIDATE_FAILED = 0x1503;
const ESP_ERR_OTA_ROLLBACK_FAILED = 0x1505;
const ESP_ERR_OTA_ROLLBACK_INVALID_STATE = 0x1506;

const DESCRIPTION_AT = 0x20;
const DESCRIPTION_BYTES = 256;
const DESCRIPTION_MAGIC = 0xabcd5432;

/** The app's view of the slots: ESP-IDF v6.0's esp_ota_ops.c in a build with rollback, for the app that runs. */
export class AppSlots {
  readonly #flash: Flash;
  readonly #partitions: readonly Partition[];
  readonly #running: Partition;
  /** Slots counted up from 0 to the first gap; the bootloader counts them all. */
  readonly #count: number;

  constructor(flash: Flash, partitions: readonly Partition[], running: Partition) {
    this.#flash = flash;
    this.#partitions = partitions;
    this.#running = running;
    let count = 0;
    while (this.#slot(count) !== undefined) count++;
    this.#count = count;
  }

  /** esp_ota_get_next_update_partition: the slot after the running one, else the first. */
  get next(): Partition | undefined {
    const slots = this.#partitions
      .filter((partition) => slotNumber(partition) !== undefined)
      .sort((a, b) => a.subtype - b.subtype);
    const at = slots.findIndex((slot) => isSame(slot, this.#running));
    return at < 0 ? slots[0] : (slots[at + 1] ?? slots[0]);
  }

  /**
   * app_slot_open_other of device/esp32/native/app_slots.c. After a fallback otadata names the other slot: the running
   * one is selected first. Then what esp_ota_begin does before the first write, with no erase ahead: the inactive entry
   * goes, so that a slot written in part is never named by a valid one.
   */
  openOther(): number {
    const other = this.next;
    if (other === undefined) return ESP_ERR_INVALID_ARG;
    if (isSame(other, this.#running)) return ESP_ERR_OTA_PARTITION_CONFLICT;
    if (this.state(this.#running) === IMAGE_STATE.pendingVerify) {
      return ESP_ERR_OTA_ROLLBACK_INVALID_STATE;
    }
    if (!this.#isSelected(this.#running)) {
      const failed = this.select(this.#running) || this.confirm();
      if (failed !== ESP_OK) return failed;
    }
    this.#eraseInactive();
    return ESP_OK;
  }

  /** esp_ota_get_boot_partition, compared; without any entry it is the first slot. */
  #isSelected(slot: Partition): boolean {
    const entries = this.#otadata()?.entries;
    const active = entries === undefined ? undefined : activeEntry(entries);
    if (entries === undefined || active === undefined) return slotNumber(slot) === 0;
    return slotOf(entries[active].sequence, this.#count) === slotNumber(slot);
  }

  /** esp_ota_set_boot_partition of an ota slot. */
  select(slot: Partition): number {
    if (typeof readSlotImage(this.#flash, slot) === "string") return ESP_ERR_OTA_VALIDATE_FAILED;
    const number = slotNumber(slot) ?? this.#count;
    const otadata = this.#otadata();
    if (otadata === undefined) return ESP_ERR_NOT_FOUND;
    if (number >= this.#count) return ESP_ERR_INVALID_ARG;
    const active = activeEntry(otadata.entries);
    if (active === undefined) return this.#write(otadata, 0, number + 1, IMAGE_STATE.new);
    const { sequence } = otadata.entries[active];
    if (slotOf(sequence, this.#count) === number) {
      return this.#write(otadata, active, sequence, IMAGE_STATE.new);
    }
    const higher = nextSequence(sequence, number, this.#count);
    return this.#write(otadata, opposite(active), higher, IMAGE_STATE.new);
  }

  /**
   * esp_ota_mark_app_valid_cancel_rollback. It is the active entry that is confirmed: after a fallback that is not the
   * running app's.
   */
  confirm(): number {
    const current = this.#current();
    if (typeof current === "number") return current;
    const { otadata, active } = current;
    const { sequence, state } = otadata.entries[active];
    if (state === IMAGE_STATE.valid) return ESP_OK;
    return this.#write(otadata, active, sequence, IMAGE_STATE.valid);
  }

  /** esp_ota_mark_app_invalid_rollback; the caller restarts the board on 0. */
  reject(): number {
    const current = this.#current();
    if (typeof current === "number") return current;
    const { otadata, active } = current;
    if (!this.#canRollBack(otadata.entries[opposite(active)])) return ESP_ERR_OTA_ROLLBACK_FAILED;
    const { sequence } = otadata.entries[active];
    return this.#write(otadata, active, sequence, IMAGE_STATE.invalid);
  }

  /** esp_ota_get_state_partition: of the *first* entry that names the slot, be it the older. */
  state(slot: Partition): number | undefined {
    const number = slotNumber(slot);
    const otadata = this.#otadata();
    if (number === undefined) return undefined;
    return otadata?.entries.find(
      (entry) => slotOf(entry.sequence, this.#count) === number && crcMatches(entry),
    )?.state;
  }

  /** esp_ota_get_last_invalid_partition: unless something has since been written over its image. */
  get lastInvalid(): Partition | undefined {
    const rejected = this.#otadata()
      ?.entries.filter((entry) => hasSequence(entry) && isRejected(entry))
      .sort((a, b) => a.sequence - b.sequence)[0];
    const slot = rejected && this.#slot(slotOf(rejected.sequence, this.#count));
    return slot && this.#holdsImage(slot) ? slot : undefined;
  }

  /** esp_ota_get_partition_description: the 256 bytes of esp_app_desc_t, whether the image is whole or not. */
  description(slot: Partition): Uint8Array | undefined {
    const bytes = Buffer.alloc(DESCRIPTION_BYTES);
    this.#flash.read(slot.offsetBytes + DESCRIPTION_AT, bytes);
    return bytes.readUInt32LE(0) === DESCRIPTION_MAGIC ? bytes : undefined;
  }

  #slot(number: number): Partition | undefined {
    return this.#partitions.find((partition) => slotNumber(partition) === number);
  }

  #otadata(): FoundOtadata | undefined {
    const partition = this.#partitions.find(isOtadata);
    return partition && { partition, entries: readOtadata(this.#flash, partition) };
  }

  #current(): number | { readonly otadata: FoundOtadata; readonly active: EntryIndex } {
    const otadata = this.#otadata();
    if (otadata === undefined) return ESP_ERR_NOT_FOUND;
    const active = activeEntry(otadata.entries);
    return active === undefined || this.#count === 0 ? ESP_FAIL : { otadata, active };
  }

  #eraseInactive(): void {
    const current = this.#current();
    if (typeof current === "number") return;
    const index = opposite(current.active);
    const inactive = current.otadata.entries[index];
    const running = slotNumber(this.#running);
    if (!hasSequence(inactive) || slotOf(inactive.sequence, this.#count) === running) return;
    writeEntry(this.#flash, current.otadata.partition, index, undefined);
  }

  /** esp_ota_check_rollback_is_possible: the other valid entry's image, or without such an entry the factory app. */
  #canRollBack(inactive: OtadataEntry): boolean {
    const slot = isValid(inactive)
      ? this.#slot(slotOf(inactive.sequence, this.#count))
      : this.#partitions.find(isFactory);
    return slot !== undefined && this.#holdsImage(slot);
  }

  #holdsImage(slot: Partition): boolean {
    return typeof readSlotImage(this.#flash, slot) === "object";
  }

  #write(
    { partition, entries }: FoundOtadata,
    index: EntryIndex,
    sequence: number,
    state: number,
  ): number {
    const entry = { ...makeEntry(sequence, state), label: entries[index].label };
    return writeEntry(this.#flash, partition, index, entry) ? ESP_OK : ESP_ERR_TIMEOUT;
  }
}

interface FoundOtadata {
  readonly partition: Partition;
  readonly entries: Otadata;
}

function isSame(a: Partition, b: Partition): boolean {
  return a.offsetBytes === b.offsetBytes;
}

function opposite(index: EntryIndex): EntryIndex {
  return index === 0 ? 1 : 0;
}

/** The smallest that is not below the current one and names the slot. */
function nextSequence(current: number, slot: number, slotCount: number): number {
  const base = (slot + 1) % slotCount;
  return base + Math.ceil((current - base) / slotCount) * slotCount;
}
