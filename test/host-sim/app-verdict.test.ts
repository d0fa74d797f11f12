import { describe, expect, test } from "vitest";
import { boot } from "../../host-sim/board/bootloader.ts";
import {
  bootApp,
  damage,
  entriesOf,
  FACTORY,
  imageOf,
  install,
  ota,
  otadata,
  outcome,
  runningIn,
  setEntries,
  slotsOn,
  TWO_SLOTS,
  twoSlots,
} from "./slot-board.ts";

const OK = 0;
const FAIL = -1;
const NOT_FOUND = 0x105;
const ROLLBACK_FAILED = 0x1505;

describe("the verdict", () => {
  test.each([
    ["confirms a pending image", ["1 valid", "2 pendingVerify"], OK, ["1 valid", "2 valid"], 2],
    ["writes nothing when it is valid", ["1 valid", "2 valid"], OK, ["1 valid", "2 valid"], 0],
    ["confirms what was never on trial", ["1 valid", "2 undefined"], OK, ["1 valid", "2 valid"], 2],
    ["fails without an active entry", ["2 aborted", "blank"], FAIL, ["2 aborted", "blank"], 0],
  ] as const)("%s", (_name, entries, error, left, operations) => {
    const { flash, slots } = runningIn(1, entries);
    const before = flash.operations;
    expect(slots.confirm()).toBe(error);
    expect(entriesOf(flash)).toEqual(left);
    expect(flash.operations - before).toBe(operations);
  });

  test.each([
    ["rejects a pending image", ["1 valid", "2 pendingVerify"], OK, ["1 valid", "2 invalid"]],
    ["rejects a confirmed one too", ["1 valid", "2 valid"], OK, ["1 valid", "2 invalid"]],
    [
      "is refused without another entry",
      ["blank", "2 valid"],
      ROLLBACK_FAILED,
      ["blank", "2 valid"],
    ],
    [
      "is refused when the other is invalid",
      ["1 aborted", "2 valid"],
      ROLLBACK_FAILED,
      ["1 aborted", "2 valid"],
    ],
    ["fails without an active entry", ["blank", "2 aborted"], FAIL, ["blank", "2 aborted"]],
  ] as const)("%s", (_name, entries, error, left) => {
    const { flash, slots } = runningIn(1, entries);
    expect(slots.reject()).toBe(error);
    expect(entriesOf(flash)).toEqual(left);
  });

  test("is not rejected when the other slot's image is damaged", () => {
    const { flash, slots } = runningIn(1, ["1 valid", "2 pendingVerify"]);
    damage(flash, ota(0));
    expect(slots.reject()).toBe(ROLLBACK_FAILED);
    expect(entriesOf(flash)).toEqual(["1 valid", "2 pendingVerify"]);
  });

  test.each([
    ["bootable", true, OK],
    ["not bootable", false, ROLLBACK_FAILED],
  ])("is rejected without another entry as far as a factory app is %s", (_name, whole, error) => {
    const { flash, slots } = slotsOn([FACTORY, ...TWO_SLOTS], ota(1));
    setEntries(flash, ["blank", "2 valid"]);
    install(flash, FACTORY, imageOf("F"));
    if (!whole) damage(flash, FACTORY);
    expect(slots.reject()).toBe(error);
  });

  test("a factory app that is bootable does not help when the other entry is valid and its image is not", () => {
    const { flash, slots } = slotsOn([FACTORY, ...TWO_SLOTS], ota(1));
    setEntries(flash, ["1 valid", "2 valid"]);
    install(flash, FACTORY, imageOf("F"));
    expect(slots.reject()).toBe(ROLLBACK_FAILED);
  });

  test.each([
    ["without otadata", [ota(0), ota(1)], NOT_FOUND],
    ["without a slot 0", [otadata(), ota(1)], FAIL],
  ])("cannot be given %s", (_name, partitions, error) => {
    const { flash, slots } = slotsOn(partitions, ota(1));
    if (error === FAIL) setEntries(flash, ["1 valid", "2 pendingVerify"]);
    expect([slots.confirm(), slots.reject()]).toEqual([error, error]);
  });

  test("after a fallback it falls on the active entry, not on the app that runs", () => {
    const flash = twoSlots(["1 valid", "2 new"]);
    damage(flash, ota(1));
    const app = bootApp(flash);
    expect(app.version).toBe("A");
    app.slots.confirm();
    expect(entriesOf(flash)).toEqual(["1 valid", "2 valid"]);
  });
});

describe("the state of a slot", () => {
  test.each([
    [["1 valid", "2 pendingVerify"], 1, 1],
    [["1 valid", "2 pendingVerify"], 0, 2],
    [["1 valid", "2 undefined"], 1, 0xffffffff],
    [["1 valid", "blank"], 1, undefined],
    [["1 valid", "2 valid, crc off"], 1, undefined],
    // Both name slot 1: the first is told, though the second is active.
    [["2 aborted", "4 valid"], 1, 4],
    [["4 new, crc off", "2 valid"], 1, 2],
  ] as const)("in %s slot %d is %s", (entries, number, state) => {
    expect(runningIn(0, entries).slots.state(ota(number))).toBe(state);
  });

  test.each([
    ["a factory app", [FACTORY, ...TWO_SLOTS], FACTORY],
    ["no otadata", [ota(0), ota(1)], ota(0)],
    ["no slot 0", [otadata(), ota(1)], ota(1)],
  ])("is not known of %s", (_name, partitions, slot) => {
    expect(slotsOn(partitions, slot).slots.state(slot)).toBeUndefined();
  });
});

describe("the last invalid slot", () => {
  test.each([
    [["1 valid", "2 aborted"], ota(1)],
    [["1 valid", "2 invalid"], ota(1)],
    [["3 aborted", "2 invalid"], ota(1)],
    [["1 valid", "2 valid"], undefined],
    [["1 valid", "2 aborted, crc off"], undefined],
    [["1 valid", "0xffffffff aborted"], undefined],
  ] as const)("in %s is the lower of those rejected", (entries, slot) => {
    expect(runningIn(0, entries).slots.lastInvalid).toEqual(slot);
  });

  test("is forgotten once its image was written over", () => {
    const { flash, slots } = runningIn(0, ["1 valid", "2 aborted"]);
    damage(flash, ota(1));
    expect(slots.lastInvalid).toBeUndefined();
  });
});

describe("the description of a slot", () => {
  test("is the 256 bytes at 0x20 of its image, whole or not", () => {
    const { flash, slots } = runningIn(0, ["1 valid", "blank"]);
    damage(flash, ota(1));
    expect(slots.description(ota(1))).toEqual(Buffer.from(imageOf("B").subarray(0x20, 0x120)));
  });

  test("is none in an erased slot", () => {
    const { slots } = slotsOn(TWO_SLOTS, ota(0));
    expect(slots.description(ota(1))).toBeUndefined();
  });
});

describe("from one image to the next", () => {
  /** What a firmware does to install version C and restart. */
  function installed() {
    const flash = twoSlots(["1 valid", "blank"]);
    const app = bootApp(flash);
    expect(app.slots.openOther()).toBe(OK);
    install(flash, ota(1), imageOf("C"));
    expect(app.slots.select(ota(1))).toBe(OK);
    return flash;
  }

  test("confirmed it stays", () => {
    const flash = installed();
    expect(bootApp(flash).slots.confirm()).toBe(OK);
    for (let reset = 0; reset < 3; reset++) expect(outcome(boot(flash))).toBe("C");
  });

  test("rejected it never starts again", () => {
    const flash = installed();
    expect(bootApp(flash).slots.reject()).toBe(OK);
    for (let reset = 0; reset < 3; reset++) expect(outcome(boot(flash))).toBe("A");
    expect(entriesOf(flash)).toEqual(["1 valid", "2 invalid"]);
  });

  test("neither of them before a reset, it is aborted", () => {
    const flash = installed();
    expect(["C", "A", "A"].map(() => outcome(boot(flash)))).toEqual(["C", "A", "A"]);
    expect(bootApp(flash).slots.lastInvalid).toEqual(ota(1));
  });

  test("under a bootloader without rollback it stays new and is started for ever", () => {
    const flash = installed();
    const old = { rollback: false, validation: true };
    for (let reset = 0; reset < 3; reset++) expect(outcome(boot(flash, old))).toBe("C");
    expect(entriesOf(flash)).toEqual(["1 valid", "2 new"]);
  });
});
