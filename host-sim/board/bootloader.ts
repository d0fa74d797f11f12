import { type AppImage, encodeAppImage } from "./app-image.ts";
import { type Flash, SECTOR_BYTES } from "./flash.ts";
import {
  activeEntry,
  type EntryIndex,
  hasSequence,
  IMAGE_STATE,
  isInvalid,
  makeEntry,
  type Otadata,
  readOtadata,
  slotOf,
  writeEntry,
} from "./otadata.ts";
import {
  encodePartitionTable,
  isFactory,
  isOtadata,
  isTest,
  PARTITION_TABLE_OFFSET,
  type Partition,
  readPartitionTable,
  slotNumber,
} from "./partition-table.ts";
import { looksLoadable, readSlotImage } from "./slot-image.ts";

/** A new board as it leaves the desk: partition table and one image in the first slot, everything else erased. */
export function flashFactory(
  flash: Flash,
  partitions: readonly Partition[],
  app: Parameters<typeof encodeAppImage>[0],
): void {
  flash.program(PARTITION_TABLE_OFFSET, encodePartitionTable(partitions));
  const slot = partitions.find((partition) => slotNumber(partition) === 0);
  const image = encodeAppImage(app);
  if (slot === undefined || image.length > slot.sizeBytes) {
    throw new Error(`the image of ${image.length} bytes does not fit a slot`);
  }
  flash.program(slot.offsetBytes, image);
}

/** For what runs on the board: the bootloader has found the table good before. */
export function readPartitions(flash: Flash): Partition[] {
  const table = readPartitionTable(flash);
  if (typeof table === "string") throw new Error(`partition table: ${table}`);
  return table;
}

/** Settings a bootloader was built with. It is never updated, so a board in the field keeps the one it came with. */
export interface BootloaderBuild {
  readonly rollback: boolean;
  readonly validation: boolean;
}

const OURS: BootloaderBuild = { rollback: true, validation: true };

export type BootResult =
  | { readonly kind: "booted"; readonly slot: Partition; readonly image: AppImage }
  /** It was started without validation and is no image: the processor runs into nonsense and resets. */
  | { readonly kind: "crashed"; readonly slot: Partition }
  | { readonly kind: "reset_loop" };

const RESET_LOOP: BootResult = { kind: "reset_loop" };
const FACTORY = -1;

/**
 * ESP-IDF v6.0's second stage, from the partition table to the first instruction of the app (bootloader_utility.c). It
 * writes otadata. Anti-rollback by secure_version is out: it burns fuses, and our builds leave it off.
 */
export function boot(flash: Flash, build = OURS): BootResult {
  const table = readPartitionTable(flash);
  if (typeof table === "string") return RESET_LOOP;
  const layout = findApps(table);
  const selection = select(flash, layout, build);
  if (selection === undefined) return RESET_LOOP;
  for (const index of tryingOrder(selection.index, layout.appCount)) {
    const result = load(flash, partitionAt(layout, index), build);
    if (result === undefined) continue;
    if (selection.initial) recordFirstBoot(flash, layout, index);
    return result;
  }
  return load(flash, layout.test, build) ?? RESET_LOOP;
}

interface BootLayout {
  readonly factory: Partition | undefined;
  readonly test: Partition | undefined;
  readonly otadata: Partition | undefined;
  readonly slots: ReadonlyMap<number, Partition>;
  /** Counted, whatever their numbers: slots 0 and 2 make 2, and slot 2 is out of reach. */
  readonly appCount: number;
}

function findApps(partitions: readonly Partition[]): BootLayout {
  const slots = new Map<number, Partition>();
  for (const partition of partitions) {
    const number = slotNumber(partition);
    if (number !== undefined) slots.set(number, partition);
  }
  return {
    factory: partitions.find(isFactory),
    test: partitions.find(isTest),
    otadata: partitions.find(isOtadata),
    slots,
    appCount: slots.size,
  };
}

interface Selection {
  readonly index: number;
  /** No entry was ever written, and there is no factory app: the slot that boots is recorded. */
  readonly initial: boolean;
}

/** Undefined where the bootloader gives up before it looks at any app. */
function select(flash: Flash, layout: BootLayout, build: BootloaderBuild): Selection | undefined {
  const { otadata, appCount, factory } = layout;
  if (otadata === undefined) return { index: FACTORY, initial: false };
  if (otadata.sizeBytes < 2 * SECTOR_BYTES) return undefined;
  const found = readOtadata(flash, otadata);
  const entries = build.rollback ? abortPending(flash, otadata, found) : found;
  if (entries.every(isInvalid) || appCount === 0) {
    if (factory !== undefined) return { index: FACTORY, initial: false };
    return { index: 0, initial: !entries.some(hasSequence) };
  }
  const active = activeEntry(entries);
  // Every partition is tried then, whether there is a factory app or not.
  if (active === undefined) return { index: FACTORY, initial: false };
  const entry = entries[active];
  if (build.rollback && entry.state === IMAGE_STATE.new) {
    writeEntry(flash, otadata, active, { ...entry, state: IMAGE_STATE.pendingVerify });
  }
  return { index: slotOf(entry.sequence, appCount), initial: false };
}

/** An image that was started and not confirmed before this reset is not started again. The CRC plays no part in it. */
function abortPending(flash: Flash, otadata: Partition, [first, second]: Otadata): Otadata {
  const abort = (index: EntryIndex, entry: Otadata[EntryIndex]) => {
    if (entry.state !== IMAGE_STATE.pendingVerify) return entry;
    const aborted = { ...entry, state: IMAGE_STATE.aborted };
    writeEntry(flash, otadata, index, aborted);
    return aborted;
  };
  return [abort(0, first), abort(1, second)];
}

/** Down from the selected slot to the factory app, then up from it. */
function tryingOrder(start: number, appCount: number): number[] {
  const order: number[] = [];
  for (let index = start; index >= FACTORY; index--) order.push(index);
  for (let index = start + 1; index < appCount; index++) order.push(index);
  return order;
}

function partitionAt(layout: BootLayout, index: number): Partition | undefined {
  return index === FACTORY ? layout.factory : layout.slots.get(index);
}

/** A fallback leaves otadata alone: the active entry may name another slot than the one that runs. */
function load(
  flash: Flash,
  slot: Partition | undefined,
  build: BootloaderBuild,
): BootResult | undefined {
  if (slot === undefined || slot.sizeBytes === 0) return undefined;
  const image = readSlotImage(flash, slot);
  if (typeof image === "object") return { kind: "booted", slot, image };
  return !build.validation && looksLoadable(flash, slot) ? { kind: "crashed", slot } : undefined;
}

function recordFirstBoot(flash: Flash, { otadata }: BootLayout, index: number): void {
  if (otadata !== undefined) {
    writeEntry(flash, otadata, 0, makeEntry(index + 1, IMAGE_STATE.valid));
  }
}
