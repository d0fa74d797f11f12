import { describe, expect, test } from "vitest";
import { type Flash, SECTOR_BYTES } from "../../host-sim/board/flash.ts";
import {
  damage,
  entriesOf,
  FACTORY,
  imageOf,
  install,
  ota,
  otadata,
  runningIn,
  setEntries,
  slotsOn,
  TEST_APP,
} from "./slot-board.ts";

const OK = 0;
const INVALID_ARG = 0x102;
const NOT_FOUND = 0x105;
const TIMEOUT = 0x107;
const PARTITION_CONFLICT = 0x1501;
const VALIDATE_FAILED = 0x1503;
const ROLLBACK_INVALID_STATE = 0x1506;

describe("the next slot to update", () => {
  const three = [otadata(), ota(2), ota(0), ota(1)];
  test.each([
    ["after the running one", three, ota(0), ota(1)],
    ["in order of numbers, not of rows", three, ota(1), ota(2)],
    ["the first after the last", three, ota(2), ota(0)],
    ["the first, from the factory app", [FACTORY, ...three], FACTORY, ota(0)],
    ["over a gap", [otadata(), ota(0), ota(2)], ota(0), ota(2)],
    ["itself, if there is no other", [otadata(), ota(0)], ota(0), ota(0)],
    ["none at all", [otadata(), FACTORY], FACTORY, undefined],
  ])("is %s", (_name, partitions, running, next) => {
    expect(slotsOn(partitions, running).slots.next).toEqual(next);
  });
});

describe("opening the other slot", () => {
  test.each([
    ["erases the older entry", ["3 valid", "2 valid"], 0, OK, ["3 valid", "blank"]],
    ["erases an aborted entry", ["1 valid", "2 aborted"], 0, OK, ["1 valid", "blank"]],
    ["keeps what is no entry", ["1 valid", "2 new, crc off"], 0, OK, ["1 valid", "2 new, crc off"]],
    ["has nothing to erase on a new board", ["1 valid", "blank"], 0, OK, ["1 valid", "blank"]],
    [
      "is refused while pending",
      ["1 valid", "2 pendingVerify"],
      1,
      ROLLBACK_INVALID_STATE,
      ["1 valid", "2 pendingVerify"],
    ],
    ["goes on an unconfirmed new one", ["1 valid", "2 new"], 1, OK, ["blank", "2 new"]],
  ] as const)("%s", (_name, entries, running, error, left) => {
    const { flash, slots } = runningIn(running, entries);
    const before = flash.operations;
    expect(slots.openOther()).toBe(error);
    expect(entriesOf(flash)).toEqual(left);
    expect(flash.operations - before).toBe(left.join() === entries.join() ? 0 : 1);
  });

  test.each([
    ["no slot but the running one", [otadata(), ota(0)], ota(0), PARTITION_CONFLICT],
    ["no slot", [otadata(), FACTORY], FACTORY, INVALID_ARG],
    ["no otadata", [ota(0), ota(1)], ota(0), OK],
  ])("with %s", (_name, partitions, running, error) => {
    expect(slotsOn(partitions, running).slots.openOther()).toBe(error);
  });

  test.each([
    ["1 valid", "2 pendingVerify"],
    ["1 valid", "2 valid"],
  ] as const)(
    "after a fallback from %s, %s the slot that runs is the selected one again",
    (...entries) => {
      const { flash, slots } = runningIn(0, entries);
      install(flash, ota(0), imageOf("1.0.0"));
      expect(slots.openOther()).toBe(OK);
      expect(entriesOf(flash)).toEqual(["3 valid", "blank"]);
    },
  );

  test("after a fallback nothing is opened when the slot that runs cannot be selected", () => {
    const { flash, slots } = runningIn(0, ["1 valid", "2 valid"]);
    damage(flash, ota(0));
    expect(slots.openOther()).not.toBe(OK);
    expect(entriesOf(flash)).toEqual(["1 valid", "2 valid"]);
  });

  test("does not mind a chip that fails: the erase is not looked after", () => {
    const { flash, slots } = runningIn(0, ["3 valid", "2 valid"]);
    flash.wornOutAt = 0;
    expect(slots.openOther()).toBe(OK);
  });
});

describe("selecting a slot", () => {
  test.each([
    ["the other entry, the next sequence", 1, ["1 valid", "blank"], ["1 valid", "2 new"]],
    ["the other entry, the next sequence", 0, ["1 valid", "2 valid"], ["3 new", "2 valid"]],
    ["the other entry, over what it says", 1, ["3 valid", "2 aborted"], ["3 valid", "4 new"]],
    ["entry 0 when none is active", 1, ["blank", "blank"], ["2 new", "blank"]],
    ["entry 0 when none is active", 0, ["4 invalid", "3 aborted"], ["1 new", "3 aborted"]],
    ["the same entry, its state alone", 1, ["1 valid", "2 valid"], ["1 valid", "2 new"]],
    ["the same entry, its state alone", 0, ["3 pendingVerify", "2 valid"], ["3 new", "2 valid"]],
  ] as const)("writes %s", (_name, number, entries, left) => {
    const { flash, slots } = runningIn(1 - number, entries);
    const before = flash.operations;
    expect(slots.select(ota(number))).toBe(OK);
    expect(entriesOf(flash)).toEqual(left);
    expect(flash.operations - before).toBe(2);
  });

  test.each([
    [3, 2, 0, 4],
    [3, 1, 1, 2],
    [3, 1, 2, 3],
    [3, 6, 1, 8],
    [3, 0, 2, 0],
    [2, 0xfffffffd, 1, 0xfffffffe],
    // The last sequence is that of a blank entry: an update after 4 thousand million others is never selected.
    [2, 0xfffffffe, 0, 0xffffffff],
  ])("of %d, from sequence %d to slot %d is sequence %d", (count, current, number, sequence) => {
    const partitions = [otadata(), ...[0, 1, 2].slice(0, count).map((slot) => ota(slot))];
    const { flash, slots } = slotsOn(partitions, ota(0));
    install(flash, ota(number), imageOf("B"));
    setEntries(flash, [`${current} valid`, "blank"]);
    expect(slots.select(ota(number))).toBe(OK);
    const written = Buffer.alloc(4);
    const isSame = (current - 1) % count === number;
    flash.read(otadata().offsetBytes + (isSame ? 0 : SECTOR_BYTES), written);
    expect(written.readUInt32LE(0)).toBe(sequence);
  });

  test.each([
    ["erased flash", (flash: Flash) => flash.eraseSector(ota(1).offsetBytes / SECTOR_BYTES)],
    [
      "a first byte that is not 0xE9",
      (flash: Flash) => flash.program(ota(1).offsetBytes, Uint8Array.of(0)),
    ],
    ["a damaged second sector", (flash: Flash) => damage(flash, ota(1))],
  ])("refuses %s and leaves otadata alone", (_name, spoil) => {
    const { flash, slots } = runningIn(0, ["1 valid", "blank"]);
    spoil(flash);
    expect(slots.select(ota(1))).toBe(VALIDATE_FAILED);
    expect(entriesOf(flash)).toEqual(["1 valid", "blank"]);
  });

  test.each([
    ["no otadata", [ota(0), ota(1)], ota(1), NOT_FOUND],
    ["a slot beyond a gap", [otadata(), ota(0), ota(2)], ota(2), INVALID_ARG],
    ["a partition that is no slot", [otadata(), ota(0), TEST_APP], TEST_APP, INVALID_ARG],
  ])("refuses with %s", (_name, partitions, slot, error) => {
    const { flash, slots } = slotsOn(partitions, ota(0));
    install(flash, slot, imageOf("B"));
    expect(slots.select(slot)).toBe(error);
  });

  test("keeps the label of the entry it writes over", () => {
    const { flash, slots } = runningIn(0, ["1 valid", "2 aborted"]);
    const label = otadata().offsetBytes + SECTOR_BYTES + 4;
    flash.program(label, Buffer.from("slot label"));
    slots.select(ota(1));
    const kept = Buffer.alloc(10);
    flash.read(label, kept);
    expect(kept.toString()).toBe("slot label");
  });

  test("says when the chip fails", () => {
    const { flash, slots } = runningIn(0, ["1 valid", "blank"]);
    flash.wornOutAt = 0;
    expect(slots.select(ota(1))).toBe(TIMEOUT);
  });

  test("never leaves both entries naming the selected slot", () => {
    const { flash, slots } = runningIn(0, ["1 valid", "2 valid"]);
    slots.select(ota(1));
    slots.select(ota(1));
    expect(entriesOf(flash)).toEqual(["1 valid", "2 new"]);
  });
});
