import { describe, expect, test } from "vitest";
import { boot, flashFactory, readPartitions } from "../../host-sim/board/bootloader.ts";
import { Flash, SECTOR_BYTES } from "../../host-sim/board/flash.ts";
import { PARTITION_TABLE_OFFSET, type Partition } from "../../host-sim/board/partition-table.ts";
import { readSlotImage } from "../../host-sim/board/slot-image.ts";
import {
  boardWith,
  bootApp,
  damage,
  entriesOf,
  FACTORY,
  imageOf,
  install,
  ota,
  otadata,
  outcome,
  setEntries,
  TEST_APP,
  TWO_SLOTS,
  twoSlots,
} from "./slot-board.ts";

const NO_ROLLBACK = { rollback: false, validation: true };
const NO_VALIDATION = { rollback: true, validation: false };

const PARTITIONS = [otadata(), FACTORY, ota(0), ota(1), ota(2), TEST_APP];
const ODD = [
  { ...otadata(SECTOR_BYTES), label: "otadata of a sector" },
  { ...ota(1, 0), label: "ota_1 of no size" },
];

function named(labels: string): Partition[] {
  return labels.split(", ").flatMap((label) => {
    return [...PARTITIONS, ...ODD].filter((partition) => partition.label === label);
  });
}

/** Each image is named for its slot. */
function boardOf(labels: string, images: string, entries: readonly string[]): Flash {
  const flash = boardWith(named(labels));
  setEntries(flash, entries);
  for (const slot of named(images)) install(flash, slot, imageOf(slot.label));
  return flash;
}

describe("slots 0 and 1 hold A and B", () => {
  test.each([
    ["blank", "blank", "A", "1 valid", "blank"],
    ["1 valid", "blank", "A", "1 valid", "blank"],
    ["1 valid", "2 valid", "B", "1 valid", "2 valid"],
    ["3 valid", "2 valid", "A", "3 valid", "2 valid"],
    ["0xfffffffe valid", "1 valid", "B", "0xfffffffe valid", "1 valid"],
    ["0 valid", "blank", "B", "0 valid", "blank"],
    // What an app built without rollback leaves is never on trial.
    ["1 valid", "2 undefined", "B", "1 valid", "2 undefined"],
    // Nothing covers the state: rotten, it counts as good.
    ["1 valid", "2 0x105", "B", "1 valid", "2 0x105"],
    // The first start of a new image, and the reset before it was confirmed.
    ["1 valid", "2 new", "B", "1 valid", "2 pendingVerify"],
    ["2 new", "2 new", "B", "2 pendingVerify", "2 new"],
    ["1 valid", "2 pendingVerify", "A", "1 valid", "2 aborted"],
    ["1 pendingVerify", "2 pendingVerify", "A", "1 aborted", "2 aborted"],
    ["1 new", "2 pendingVerify", "A", "1 pendingVerify", "2 aborted"],
    ["1 valid", "2 pendingVerify, crc off", "A", "1 valid", "2 aborted, crc off"],
    ["1 valid", "2 invalid", "A", "1 valid", "2 invalid"],
    ["1 valid", "2 aborted", "A", "1 valid", "2 aborted"],
    ["1 valid", "2 valid, crc off", "A", "1 valid", "2 valid, crc off"],
    // Both invalid, and a slot was recorded before: the first is tried, nothing is written.
    ["blank", "2 aborted", "A", "blank", "2 aborted"],
    ["2 invalid", "1 aborted", "A", "2 invalid", "1 aborted"],
    // Both invalid and neither with a sequence to trust: the slot that boots is recorded.
    ["2 invalid, crc off", "blank", "A", "1 valid", "blank"],
    // One is neither valid nor invalid: all partitions are tried, nothing is written.
    ["blank", "2 valid, crc off", "A", "blank", "2 valid, crc off"],
    ["2 valid, crc off", "1 aborted", "A", "2 valid, crc off", "1 aborted"],
    ["2 valid, crc off", "2 valid, crc off", "A", "2 valid, crc off", "2 valid, crc off"],
  ])("%s | %s boots %s and leaves %s | %s", (first, second, version, firstLeft, secondLeft) => {
    const flash = twoSlots([first, second]);
    expect(outcome(boot(flash))).toBe(version);
    expect(entriesOf(flash)).toEqual([firstLeft, secondLeft]);
  });

  test.each([
    ["1 valid", "2 new", "B"],
    ["1 valid", "2 pendingVerify", "B"],
    ["3 pendingVerify", "2 valid", "A"],
    ["1 valid", "2 aborted", "A"],
  ])("without rollback %s | %s boots %s time and again", (first, second, version) => {
    const flash = twoSlots([first, second]);
    for (let reset = 0; reset < 3; reset++) {
      expect(outcome(boot(flash, NO_ROLLBACK))).toBe(version);
    }
    expect(entriesOf(flash)).toEqual([first, second]);
  });

  test("a new image becomes pending by an erase and a program of its entry, and aborted so too", () => {
    const flash = twoSlots(["1 valid", "2 new"]);
    const before = flash.operations;
    boot(flash);
    expect(flash.operations - before).toBe(2);
    boot(flash);
    expect(flash.operations - before).toBe(4);
    boot(flash);
    expect(flash.operations - before).toBe(4);
  });

  test("a worn-out chip still boots what is selected, and cannot record it", () => {
    const flash = twoSlots(["1 valid", "2 new"]);
    flash.wornOutAt = 0;
    expect(outcome(boot(flash))).toBe("B");
    expect(entriesOf(flash)).toEqual(["1 valid", "2 new"]);
  });
});

describe("fallback", () => {
  const all = "otadata, factory, ota_0, ota_1, ota_2, test";
  const bare = "otadata, ota_0, ota_1, ota_2, test";
  test.each([
    ["the selected slot", all, "ota_1, ota_0, factory, ota_2, test", "ota_1"],
    ["down to the first", all, "ota_0, factory, ota_2, test", "ota_0"],
    ["down to the factory app", all, "factory, ota_2, test", "factory"],
    ["up from the selected one", all, "ota_2, test", "ota_2"],
    ["up, without a factory app", bare, "ota_2, test", "ota_2"],
    ["the test app as the last", all, "test", "test"],
    ["nothing", all, "", "reset_loop"],
  ])("finds %s", (_name, partitions, images, found) => {
    const flash = boardOf(partitions, images, ["1 valid", "2 valid"]);
    expect(outcome(boot(flash))).toBe(found);
    expect(entriesOf(flash)).toEqual(["1 valid", "2 valid"]);
  });

  test("a damaged image falls back, and the active entry goes on naming its slot", () => {
    const flash = twoSlots(["1 valid", "2 new"]);
    damage(flash, ota(1));
    expect(outcome(boot(flash))).toBe("A");
    expect(entriesOf(flash)).toEqual(["1 valid", "2 pendingVerify"]);
    expect(outcome(boot(flash))).toBe("A");
    expect(entriesOf(flash)).toEqual(["1 valid", "2 aborted"]);
  });

  test("a new board whose first slot is damaged records the slot that boots", () => {
    const flash = twoSlots(["blank", "blank"]);
    damage(flash, ota(0));
    expect(outcome(boot(flash))).toBe("B");
    expect(entriesOf(flash)).toEqual(["2 valid", "blank"]);
  });
});

describe("partitions", () => {
  const factory = "otadata, factory, ota_0, ota_1";
  const gap = "otadata, ota_0, ota_2";
  test.each([
    [factory, "factory, ota_0", "blank | blank", "factory"],
    [factory, "factory, ota_0", "1 aborted | 2 invalid", "factory"],
    [factory, "factory, ota_0", "1 valid, crc off | blank", "factory"],
    [factory, "factory, ota_1", "blank | 2 valid", "ota_1"],
    [factory, "ota_1", "blank | blank", "ota_1"],
    ["otadata, factory", "factory", "1 valid | blank", "factory"],
    ["otadata, test", "test", "blank | blank", "test"],
    ["factory, ota_0", "factory, ota_0", "blank | 1 valid", "factory"],
    ["ota_0, ota_1", "ota_0, ota_1", "blank | 2 valid", "ota_0"],
    ["otadata of a sector, ota_0", "ota_0", "1 valid | blank", "reset_loop"],
    ["otadata, ota_0, ota_1 of no size", "ota_0", "1 valid | 2 valid", "ota_0"],
    // Two slots are counted: slot 1 is not there, slot 2 not among the first two.
    [gap, "ota_0, ota_2", "blank | 2 valid", "ota_0"],
    [gap, "ota_2", "blank | 3 valid", "reset_loop"],
  ])("of %s, where %s hold images, %s boots %s and writes nothing", (...row) => {
    const [partitions, images, entries, expected] = row;
    const flash = boardOf(partitions, images, entries.split(" | "));
    const before = flash.operations;
    expect(outcome(boot(flash))).toBe(expected);
    expect(outcome(boot(flash, NO_VALIDATION))).toBe(expected);
    expect(flash.operations).toBe(before);
  });

  test("a damaged partition table is a reset loop", () => {
    const flash = twoSlots(["1 valid", "2 valid"]);
    flash.program(PARTITION_TABLE_OFFSET, Uint8Array.of(0));
    expect(boot(flash)).toEqual({ kind: "reset_loop" });
    expect(() => readPartitions(flash)).toThrow("partition table: row");
  });
});

describe("validation", () => {
  test("without it a damaged image is started, and the reset reverts a new one", () => {
    const flash = twoSlots(["1 valid", "2 new"]);
    damage(flash, ota(1));
    expect(boot(flash, NO_VALIDATION)).toEqual({ kind: "crashed", slot: ota(1) });
    expect(outcome(boot(flash, NO_VALIDATION))).toBe("A");
  });

  test("without it and without rollback a damaged image is started for ever", () => {
    const flash = twoSlots(["1 valid", "2 new"]);
    damage(flash, ota(1));
    const neither = { rollback: false, validation: false };
    for (let reset = 0; reset < 3; reset++) expect(outcome(boot(flash, neither))).toBe("crashed");
  });

  test.each([
    ["an erased one", (flash: Flash) => flash.eraseSector(ota(1).offsetBytes / SECTOR_BYTES)],
    ["a segment longer than the slot", (flash: Flash) => writeHeader(flash, 1, 0x2000)],
    ["a segment of odd length", (flash: Flash) => writeHeader(flash, 1, 0x101)],
    ["no room for the hash", (flash: Flash) => writeHeader(flash, 1, 0x1fc0)],
    ["no room for the next segment", (flash: Flash) => writeHeader(flash, 2, 0x1fe0)],
  ])("even without it the segments must fit the slot: %s falls back", (_name, spoil) => {
    const flash = twoSlots(["1 valid", "2 valid"]);
    spoil(flash);
    expect(outcome(boot(flash, NO_VALIDATION))).toBe("A");
  });

  /** Header and first segment's header over erased flash. */
  function writeHeader(flash: Flash, segments: number, lengthBytes: number): void {
    flash.eraseSector(ota(1).offsetBytes / SECTOR_BYTES);
    const header = Buffer.from(imageOf("B").subarray(0, 32));
    header[1] = segments;
    header.writeUInt32LE(lengthBytes, 28);
    flash.program(ota(1).offsetBytes, header);
  }

  test("an image is verified once for all forks that hold it, and again where one differs", () => {
    const flash = twoSlots(["1 valid", "2 valid"]);
    const image = readSlotImage(flash, ota(1));
    const fork = flash.fork();
    expect(readSlotImage(fork, ota(1))).toBe(image);
    damage(fork, ota(1));
    expect(readSlotImage(fork, ota(1))).toBeTypeOf("string");
    expect(readSlotImage(flash, ota(1))).toEqual(image);
    expect(outcome(boot(fork))).toBe("A");
    expect(outcome(boot(flash))).toBe("B");
  });

  test("an image is none in a slot too small for it", () => {
    const flash = twoSlots(["1 valid", "2 valid"]);
    expect(readSlotImage(flash, ota(1, SECTOR_BYTES))).toBeTypeOf("string");
    expect(readSlotImage(flash, ota(1))).toMatchObject({ version: "B" });
  });
});

describe("the factory", () => {
  const app = { product: "skyfeeder", version: "A", javascript: "" };

  test("leaves a table and an image in the first slot, and the board boots it", () => {
    const flash = new Flash(1024 * 1024);
    flashFactory(flash, TWO_SLOTS, app);
    expect(readPartitions(flash)).toEqual(TWO_SLOTS);
    expect(bootApp(flash)).toMatchObject({ version: "A", slot: ota(0) });
  });

  test.each([
    ["a slot too small for it", [otadata(), ota(0, 64)]],
    ["no slot", [otadata(), FACTORY]],
  ])("does not flash an image with %s", (_name, partitions) => {
    expect(() => flashFactory(new Flash(1024 * 1024), partitions, app)).toThrow("does not fit");
  });
});
