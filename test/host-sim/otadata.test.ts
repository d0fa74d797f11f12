import fc from "fast-check";
import { expect, test } from "vitest";
import { Flash, SECTOR_BYTES } from "../../host-sim/board/flash.ts";
import {
  activeEntry,
  decodeEntry,
  encodeEntry,
  hasSequence,
  IMAGE_STATE,
  isInvalid,
  isValid,
  makeEntry,
  readOtadata,
  sequenceCrc,
  slotOf,
  writeEntry,
} from "../../host-sim/board/otadata.ts";

const { new: NEW, pendingVerify: PENDING, valid: VALID, invalid: INVALID } = IMAGE_STATE;
const { aborted: ABORTED, undefined: UNDEFINED } = IMAGE_STATE;
const partition = {
  label: "otadata",
  type: 1,
  subtype: 0,
  offsetBytes: SECTOR_BYTES,
  sizeBytes: 2 * SECTOR_BYTES,
};

test.each([
  [1, 0x4743989a],
  [2, 0x55f63774],
  [3, 0xed4a5011],
  [4, 0x709d68a8],
  [5, 0xc8210fcd],
  [0xfffffffe, 0x99f8b879],
])("the CRC of sequence %d is ESP-IDF's", (sequence, crc) => {
  expect(sequenceCrc(sequence)).toBe(crc);
});

test("an entry is 32 bytes: sequence, label, state, CRC, little-endian", () => {
  const bytes = Buffer.from(encodeEntry(makeEntry(2, PENDING)));
  expect(bytes.toString("hex")).toBe(`02000000${"ff".repeat(20)}010000007437f655`);
});

test("any 32 bytes come back as they were: a rewrite keeps what it does not know", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      expect(new Uint8Array(encodeEntry(decodeEntry(bytes)))).toEqual(bytes);
    }),
  );
});

const wrongCrc = (state: number) => ({ ...makeEntry(1, state), crc: 0 });
const blank = decodeEntry(new Uint8Array(32).fill(0xff));

test.each([
  ["new", makeEntry(1, NEW), "valid"],
  ["pending", makeEntry(1, PENDING), "valid"],
  ["valid", makeEntry(1, VALID), "valid"],
  ["undefined, from an app without rollback", makeEntry(1, UNDEFINED), "valid"],
  ["a state that does not exist", makeEntry(1, 0x105), "valid"],
  ["invalid", makeEntry(1, INVALID), "invalid"],
  ["aborted", makeEntry(1, ABORTED), "invalid"],
  ["blank", blank, "invalid"],
  ["without a sequence, whatever the CRC", makeEntry(0xffffffff, VALID), "invalid"],
  ["valid with a wrong CRC", wrongCrc(VALID), "neither"],
  ["aborted with a wrong CRC", wrongCrc(ABORTED), "invalid"],
])("an entry that is %s", (_name, entry, expected) => {
  const verdict = isValid(entry) ? "valid" : isInvalid(entry) ? "invalid" : "neither";
  expect(verdict).toBe(expected);
  expect(isValid(entry) && isInvalid(entry)).toBe(false);
});

test.each([
  [blank, false],
  [makeEntry(0xffffffff, VALID), false],
  [wrongCrc(VALID), false],
  [makeEntry(1, ABORTED), true],
])("an entry has a sequence unless that is blank or its CRC is wrong", (entry, expected) => {
  expect(hasSequence(entry)).toBe(expected);
});

test.each([
  ["the higher sequence", makeEntry(3, VALID), makeEntry(2, VALID), 0],
  ["the higher sequence", makeEntry(1, VALID), makeEntry(2, NEW), 1],
  ["the first of two equal ones", makeEntry(2, VALID), makeEntry(2, NEW), 0],
  ["the higher one beyond 31 bits", makeEntry(0x80000000, VALID), makeEntry(0x7fffffff, VALID), 0],
  ["the only valid one", makeEntry(3, ABORTED), makeEntry(2, VALID), 1],
  ["the only valid one", makeEntry(2, VALID), blank, 0],
  ["none of two that do not count", wrongCrc(VALID), makeEntry(2, ABORTED), undefined],
])("active is %s", (_name, first, second, expected) => {
  expect(activeEntry([first, second])).toBe(expected);
});

test.each([
  [1, 2, 0],
  [2, 2, 1],
  [5, 2, 0],
  [5, 3, 1],
  [0, 2, 1],
  [0xfffffffe, 2, 1],
])("sequence %d of %d slots names slot %d", (sequence, slots, slot) => {
  expect(slotOf(sequence, slots)).toBe(slot);
});

test("an entry is rewritten by an erase and a program of its own sector", () => {
  const flash = new Flash(4 * SECTOR_BYTES);
  const seen: unknown[] = [];
  writeEntry(flash, partition, 0, makeEntry(1, VALID));
  flash.watch((operation) => seen.push(operation));
  const entry = makeEntry(2, NEW);
  expect(writeEntry(flash, partition, 1, entry)).toBe(true);
  expect(writeEntry(flash, partition, 0, undefined)).toBe(true);
  expect(seen).toEqual([
    { kind: "erase", sector: 2 },
    { kind: "program", offsetBytes: 2 * SECTOR_BYTES, bytes: encodeEntry(entry) },
    { kind: "erase", sector: 1 },
  ]);
  expect(readOtadata(flash, partition).map(encodeEntry)).toEqual([blank, entry].map(encodeEntry));
});

test("a chip that fails is an answer, a mistake is not", () => {
  const flash = new Flash(2 * SECTOR_BYTES);
  flash.wornOutAt = 1;
  expect(writeEntry(flash, partition, 0, makeEntry(1, VALID))).toBe(false);
  expect(() => writeEntry(flash, partition, 1, makeEntry(1, VALID))).toThrow("no sector 2");
});
