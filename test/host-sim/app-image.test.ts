import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decodeAppImage, encodeAppImage } from "../../host-sim/board/app-image.ts";
import { boot, flashFactory, readPartitions } from "../../host-sim/board/bootloader.ts";
import { Flash, SECTOR_BYTES } from "../../host-sim/board/flash.ts";
import { parsePartitionCsv } from "../../host-sim/board/partition-table.ts";
import { ROOT } from "../tidy/source-tree.ts";

const APP = { product: "skyfeeder", version: "1.2.3", javascript: "trace('Amsel, Drossel')" };
const csv = readFileSync(join(ROOT, "device/esp32/native/partitions.csv"), "utf8");

/** The offsets of ESP-IDF v6.0: header 24 bytes, segment header 8, description at 0x20. */
test("an image has ESP-IDF's header, description, checksum and SHA-256", () => {
  const image = Buffer.from(encodeAppImage(APP));
  expect(image[0]).toBe(0xe9);
  expect(image.readUInt32LE(0x20)).toBe(0xabcd5432);
  expect(image.toString("latin1", 0x30, 0x35)).toBe("1.2.3");
  expect(image.toString("latin1", 0x50, 0x59)).toBe("skyfeeder");
  expect(image.readUInt32LE(24) % 0x10000).toBe(0x20);
  expect((image.length - 32) % 16).toBe(0);
  expect(decodeAppImage(image)).toMatchObject(APP);
});

test.each([
  [0, "magic"],
  [1, "segments"],
  [300, "checksum"],
  [-1, "sha256"],
  [-33, "checksum"],
  [5, "sha256"],
])("an image with byte %i flipped is refused for its %s", (at, fault) => {
  const image = Buffer.from(encodeAppImage(APP));
  const index = at < 0 ? image.length + at : at;
  image[index] = (image[index] as number) ^ 0x40;
  expect(decodeAppImage(image)).toBe(fault);
});

test("the factory's flash boots, and a damaged image in the only written slot does not", () => {
  const flash = new Flash(4 * 1024 * 1024);
  const partitions = parsePartitionCsv(csv);
  flashFactory(flash, partitions, APP);
  expect(readPartitions(flash)).toEqual(partitions);
  expect(boot(flash)).toMatchObject(APP);
  flash.eraseSector(0x20000 / SECTOR_BYTES);
  expect(boot(flash)).toBeUndefined();
});

test("programming flash only clears bits; erasing sets a sector", () => {
  const flash = new Flash(2 * SECTOR_BYTES);
  const read = () => {
    const byte = new Uint8Array(1);
    flash.read(10, byte);
    return byte[0];
  };
  flash.program(10, Uint8Array.of(0xf0));
  flash.program(10, Uint8Array.of(0x3c));
  expect(read()).toBe(0x30);
  flash.eraseSector(0);
  expect(read()).toBe(0xff);
  expect(() => flash.program(2 * SECTOR_BYTES - 1, Uint8Array.of(1, 2))).toThrow("outside");
});
