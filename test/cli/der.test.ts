import { expect, test } from "vitest";
import { integer, objectIdentifier, octetString, time } from "../../cli/cert/der.ts";

function hex(der: Uint8Array): string {
  return Buffer.from(der).toString("hex");
}

test.each([
  ["00", "020100"],
  ["7f", "02017f"],
  ["80", "02020080"],
  ["0005", "020105"],
  ["00ff", "020200ff"],
])("the integer %s has no zero that it does not need", (digits, der) => {
  expect(hex(integer(Buffer.from(digits, "hex")))).toBe(der);
});

test("lengths from 128 on have a length of their own", () => {
  expect(hex(octetString(Buffer.alloc(127))).slice(0, 4)).toBe("047f");
  expect(hex(octetString(Buffer.alloc(128))).slice(0, 6)).toBe("048180");
  expect(hex(octetString(Buffer.alloc(256))).slice(0, 8)).toBe("04820100");
});

test("large arcs of an object identifier come in sevens of bits", () => {
  expect(hex(objectIdentifier("1.2.840.113549.1.1.11"))).toBe("06092a864886f70d01010b");
});

test("the year has two digits until 2049, and four then", () => {
  expect(time(new Date("2049-12-31T23:59:59Z")).toString("latin1", 2)).toBe("491231235959Z");
  expect(time(new Date("2050-01-01T00:00:00Z")).toString("latin1", 2)).toBe("20500101000000Z");
});
