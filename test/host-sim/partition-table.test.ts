import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  decodePartitionTable,
  encodePartitionTable,
  isFactory,
  isOtadata,
  isTest,
  parsePartitionCsv,
  slotNumber,
} from "../../host-sim/board/partition-table.ts";
import { ROOT } from "../tidy/source-tree.ts";

const CHIP_BYTES = 4 * 1024 * 1024;
const csv = readFileSync(join(ROOT, "device/esp32/native/partitions.csv"), "utf8");
const APP = { label: "ota_0", type: 0, subtype: 0x10, offsetBytes: 0x10000, sizeBytes: 0x10000 };
const OUTSIDE = { ...APP, offsetBytes: CHIP_BYTES - 0x10000, sizeBytes: 0x10001 };

function addMd5(table: Uint8Array, row: number, digestOf = row): Buffer {
  const signed = Buffer.from(table);
  signed.writeUInt16LE(0xebeb, row * 32);
  const digest = createHash("md5")
    .update(signed.subarray(0, digestOf * 32))
    .digest();
  digest.copy(signed, row * 32 + 16);
  return signed;
}

const TWO_ROWS = encodePartitionTable([APP, APP]);

test("the build's table has two slots of one size, otadata of two sectors, all within the chip", () => {
  const partitions = parsePartitionCsv(csv);
  const slots = partitions.filter((partition) => slotNumber(partition) !== undefined);
  expect(slots.map(slotNumber)).toEqual([0, 1]);
  expect(new Set(slots.map(({ sizeBytes }) => sizeBytes)).size).toBe(1);
  expect(partitions.find(isOtadata)?.sizeBytes).toBe(0x2000);
  for (const [index, { offsetBytes }] of partitions.slice(1).entries()) {
    const before = partitions[index] ?? APP;
    expect(offsetBytes).toBeGreaterThanOrEqual(before.offsetBytes + before.sizeBytes);
  }
  expect(decodePartitionTable(encodePartitionTable(partitions), CHIP_BYTES)).toEqual(partitions);
});

test("a row is 32 bytes: magic, type, subtype, offset, size, label, flags", () => {
  const table = Buffer.from(encodePartitionTable([APP]));
  expect(table.toString("hex", 0, 32)).toBe(
    `aa500010${"00000100"}${"00000100"}${"6f74615f30".padEnd(32, "0")}00000000`,
  );
  expect(table.readUInt32LE(32)).toBe(0xffffffff);
  expect(table).toHaveLength(0xc00);
});

test("a table with the MD5 of its rows is read like one without", () => {
  expect(decodePartitionTable(addMd5(TWO_ROWS, 2), CHIP_BYTES)).toEqual([APP, APP]);
});

test.each([
  ["a row of no known kind", Buffer.alloc(0xc00), "row"],
  ["half an end", Buffer.from("ffff00ff".padEnd(0x1800, "f"), "hex"), "row"],
  ["an MD5 of other rows", addMd5(TWO_ROWS, 2, 1), "md5"],
  ["a second MD5", addMd5(addMd5(TWO_ROWS, 2), 3), "row"],
  ["a partition that leaves the chip", encodePartitionTable([OUTSIDE]), "size"],
  ["96 rows and no end", encodePartitionTable(Array(96).fill(APP)), "end"],
])("a table with %s is refused", (_name, table, fault) => {
  expect(decodePartitionTable(table, CHIP_BYTES)).toBe(fault);
});

test("95 rows are the most", () => {
  const rows = Array(95).fill(APP);
  expect(decodePartitionTable(encodePartitionTable(rows), CHIP_BYTES)).toEqual(rows);
});

test.each([
  [0x0f, undefined],
  [0x10, 0],
  [0x1f, 15],
  [0x20, undefined],
])("app subtype %d is ota slot %s", (subtype, slot) => {
  expect(slotNumber({ ...APP, subtype })).toBe(slot);
  expect(slotNumber({ ...APP, subtype, type: 1 })).toBeUndefined();
});

test("factory and test are apps, otadata is data", () => {
  const kinds = [isFactory, isTest, isOtadata].map((is) =>
    [0, 1].flatMap((type) =>
      [0, 0x20].filter((subtype) => is({ ...APP, type, subtype })).map((at) => `${type}/${at}`),
    ),
  );
  expect(kinds).toEqual([["0/0"], ["0/32"], ["1/0"]]);
});

test.each([
  ["ota_0, app, ota_0, 0x11000, 0x10000", "multiple of 65536"],
  ["nvs, data, nvs, 0x9100, 0x6000", "multiple of 4096"],
  ["nvs, data, nvs, , 0x6000", 'cannot read ""'],
  ["nvs, data, secrets, 0x9000, 0x6000", 'cannot read "secrets"'],
])("the line '%s' is refused", (line, message) => {
  expect(() => parsePartitionCsv(line)).toThrow(message);
});
