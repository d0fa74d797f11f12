import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeAppImage } from "../../host-sim/board/app-image.ts";
import { encodePartitionTable } from "../../host-sim/board/partition-table.ts";
import { APP_DESCRIPTION_BYTES, parseAppDescription } from "../../protocol/app-description.ts";
import { readAppImage } from "../../protocol/app-image.ts";
import { CHIP_FACTS } from "../../protocol/chips.ts";
import { readFirmwareFile } from "../../protocol/firmware-file.ts";
import { readPartitionRows } from "../../protocol/partition-table.ts";
import { CHIPS, type Chip } from "../../protocol/update-manifest.ts";

const APP = { product: "skyfeeder", version: "1.2.3", javascript: "trace('Kohlmeise')" };
const SEGMENT_HEADER_AT = 24;
const TABLE_AT = 0x8000;
const APP_AT = 0x20000;

function image(padToBytes?: number): Buffer {
  return Buffer.from(encodeAppImage(padToBytes === undefined ? APP : { ...APP, padToBytes }));
}

function withBytes(bytes: Uint8Array, at: number, ...values: number[]): Buffer {
  const changed = Buffer.from(bytes);
  changed.set(values, at);
  return changed;
}

/** Whole and nothing but an application's image: what a publisher may sign. */
function isSound(bytes: Uint8Array): boolean {
  const read = readAppImage(bytes);
  if (typeof read === "string" || !read.isChecksumGood || read.trailingBytes > 0) return false;
  const { hash } = read;
  if (hash === undefined) return false;
  const digest = createHash("sha256").update(bytes.subarray(0, hash.coversBytes)).digest();
  return digest.equals(hash.sha256);
}

/** The same image for another chip: only the header and the address of its flash differ. */
function imageFor(chip: Chip): Buffer {
  const bytes = image();
  bytes.writeUInt16LE(CHIP_FACTS[chip].id, 12);
  bytes.writeUInt32LE((CHIP_FACTS[chip].mapped[0]?.[0] ?? 0) + 0x20, SEGMENT_HEADER_AT);
  return bytes;
}

/** A whole flash: bootloader, table and application where that chip has them. */
function mergedFor(chip: Chip, slotBytes = 0x80000): Buffer {
  const merged = Buffer.alloc(APP_AT + image().length, 0xff);
  imageFor(chip).copy(merged, CHIP_FACTS[chip].bootloaderOffset);
  const slots = [0, 1].map((slot) => ({
    label: `ota_${slot}`,
    type: 0,
    subtype: 0x10 + slot,
    offsetBytes: slot === 0 ? APP_AT : 0x100000,
    sizeBytes: slotBytes,
  }));
  merged.set(encodePartitionTable(slots), TABLE_AT);
  imageFor(chip).copy(merged, APP_AT);
  return merged;
}

test("an image says what it is", () => {
  const bytes = image(200_000);
  const read = readAppImage(bytes);
  expect(read).toMatchObject({
    chip: "esp32",
    flashBytes: 4 * 1024 * 1024,
    sizeBytes: bytes.length,
    trailingBytes: 0,
    isChecksumGood: true,
    hash: { coversBytes: bytes.length - 32, sha256: bytes.subarray(-32) },
    segments: [{ address: 0x3f400020, offsetBytes: 0x20 }, {}],
    description: {
      projectName: "skyfeeder",
      version: "1.2.3",
      elfSha256: createHash("sha256").update(APP.javascript).digest("hex"),
      idfVersion: "simulator",
      date: "Jan  1 2026",
      time: "00:00:00",
      secureVersion: 0,
    },
  });
});

/** esp_app_format.h and Kconfig of ESP-IDF v6.0, and esptool's targets. */
test.each([
  ["esp32", 0, 0x1000],
  ["esp32s2", 2, 0x1000],
  ["esp32c3", 5, 0],
  ["esp32s3", 9, 0],
  ["esp32c2", 12, 0],
  ["esp32c6", 13, 0],
  ["esp32h2", 16, 0],
  ["esp32p4", 18, 0x2000],
  ["esp32c61", 20, 0],
  ["esp32c5", 23, 0x2000],
  ["esp32h21", 25, 0],
  ["esp32h4", 28, 0x2000],
] as const)("chip %s has the id %i and its bootloader at %i", (chip, id, bootloaderOffset) => {
  expect(readAppImage(imageFor(chip))).toMatchObject({ chip });
  expect(CHIP_FACTS[chip]).toMatchObject({ id, bootloaderOffset });
  const merged = readFirmwareFile(mergedFor(chip));
  expect(merged).toMatchObject({ kind: "merged", app: { chip }, bootloader: { chip } });
});

test.each([
  ["no magic", withBytes(image(), 0, 0xe8), "magic"],
  ["nothing", Buffer.alloc(0), "magic"],
  ["half a header", image().subarray(0, 12), "truncated"],
  ["half a segment", image().subarray(0, 200), "truncated"],
  ["half a hash", image().subarray(0, -1), "truncated"],
  ["a chip nobody knows", withBytes(image(), 12, 0x63), "chip"],
  ["no segment", withBytes(image(), 1, 0), "segments"],
  ["17 segments", withBytes(image(), 1, 17), "segments"],
  ["a segment of 3 bytes", withBytes(image(), SEGMENT_HEADER_AT + 4, 3, 0), "segment_length"],
  ["a segment of 16 MiB", withBytes(image(), SEGMENT_HEADER_AT + 4, 0, 0, 0, 1), "segment_length"],
  ["flash elsewhere in its page", withBytes(image(), SEGMENT_HEADER_AT, 0x24), "segment_address"],
])("%s is no image", (_, bytes, fault) => {
  expect(readAppImage(bytes)).toBe(fault);
});

test("an address that is not flash may be any", () => {
  const inRam = withBytes(image(), SEGMENT_HEADER_AT, 0x24, 0, 0xfb, 0x3f);
  expect(readAppImage(inRam)).toMatchObject({ segments: [{ address: 0x3ffb0024 }] });
});

/** The page a description names counts where the build has the choice, and 8 KiB where it names none. */
test.each([
  ["esp32c6", 16, 0x42004020, "segment_address"],
  ["esp32c6", 14, 0x42004020, undefined],
  ["esp32c6", 14, 0x42002020, "segment_address"],
  ["esp32c6", 0, 0x42002020, undefined],
  ["esp32c6", 0, 0x42000024, "segment_address"],
  ["esp32", 14, 0x3f404020, "segment_address"],
] as const)("on %s with pages of 2^%i bytes, flash at %i is %s", (chip, log2, address, fault) => {
  const bytes = withBytes(imageFor(chip), 0x20 + 180, log2);
  bytes.writeUInt32LE(address, SEGMENT_HEADER_AT);
  const read = readAppImage(bytes);
  expect(typeof read === "string" ? read : undefined).toBe(fault);
});

test("what follows an image is counted, and an image without a hash says so", () => {
  expect(readAppImage(Buffer.concat([image(), Buffer.alloc(9)]))).toMatchObject({
    trailingBytes: 9,
    sizeBytes: image().length,
  });
  expect(readAppImage(withBytes(image(), 23, 0))).toMatchObject({
    hash: undefined,
    trailingBytes: 32,
  });
});

test("a description is nothing but visible ASCII", () => {
  const description = image().subarray(0x20, 0x20 + APP_DESCRIPTION_BYTES);
  description.write("\u001b[2Jx", 16, "latin1");
  expect(parseAppDescription(description)?.version).toBe("\ufffd[2Jx");
  expect(parseAppDescription(description.subarray(1))).toBeUndefined();
  expect(parseAppDescription(withBytes(description, 3, 0))).toBeUndefined();
});

test("a whole flash is told from an application, whatever the application's data looks like", () => {
  expect(readFirmwareFile(mergedFor("esp32"))).toMatchObject({
    kind: "merged",
    appOffset: APP_AT,
    app: { description: { version: "1.2.3" } },
    partitions: [{ label: "ota_0", offsetBytes: APP_AT, sizeBytes: 0x80000 }, { label: "ota_1" }],
  });
  const large = image(200_000);
  mergedFor("esp32").copy(large, TABLE_AT, TABLE_AT);
  expect(readFirmwareFile(large)).toMatchObject({ kind: "app" });
});

test("a whole flash without its bootloader or with a damaged application says so", () => {
  expect(readFirmwareFile(withBytes(mergedFor("esp32"), 0x1000, 0))).toMatchObject({
    kind: "merged",
    bootloader: undefined,
  });
  expect(readFirmwareFile(withBytes(mergedFor("esp32"), APP_AT + 1, 0))).toBe("segments");
  expect(readFirmwareFile(withBytes(mergedFor("esp32"), APP_AT, 0))).toBe("magic");
  expect(readFirmwareFile(mergedFor("esp32", 256))).toBe("truncated");
});

test("a partition table ends after 96 rows, whatever follows", () => {
  const row = encodePartitionTable([
    { label: "x", type: 1, subtype: 2, offsetBytes: 0x9000, sizeBytes: 0x1000 },
  ]).subarray(0, 32);
  expect(readPartitionRows(Buffer.concat(Array<Uint8Array>(200).fill(row)))).toHaveLength(96);
});

const text = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 1,
  maxLength: 31,
});

test("what the simulator encodes is read back, at any size", () => {
  fc.assert(
    fc.property(text, text, fc.string(), fc.nat(4_000), (product, version, javascript, padTo) => {
      const bytes = encodeAppImage({ product, version, javascript, padToBytes: padTo });
      expect(isSound(bytes)).toBe(true);
      const read = readAppImage(bytes);
      expect(read).toMatchObject({ description: { projectName: product, version } });
      const unpadded = encodeAppImage({ product, version, javascript });
      const isPadded = bytes.length > unpadded.length;
      expect(bytes.length).toBe(isPadded ? padTo - (padTo % 16) : unpadded.length);
    }),
  );
});

test("a flipped bit is found wherever it is", () => {
  const whole = image(1_000);
  expect(isSound(whole)).toBe(true);
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const at = bit >> 3;
    const damaged = withBytes(whole, at, (whole[at] as number) ^ (1 << (bit & 7)));
    expect(isSound(damaged), `bit ${bit}`).toBe(false);
  }
});

/** Byte strings that get far: parts of real files, with some bytes changed. */
const nearlyImages = fc
  .tuple(
    fc.constantFrom(image(), image(3_000), mergedFor("esp32"), mergedFor("esp32c3")),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
    fc.nat(),
  )
  .map(([bytes, changes, length]) => {
    const changed = Buffer.from(bytes.subarray(0, length % (bytes.length + 1)));
    for (const [at, value] of changes) changed[at % Math.max(changed.length, 1)] = value;
    return changed;
  });

test("no bytes make a reader throw, or look at what lies around them", () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 600 }), nearlyImages), (bytes) => {
      const around = new Uint8Array(bytes.length + 128).fill(0xe9);
      around.set(bytes, 64);
      const inside = around.subarray(64, 64 + bytes.length);
      const alone = Uint8Array.from(bytes);
      expect(readFirmwareFile(inside)).toEqual(readFirmwareFile(alone));
      expect(parseAppDescription(inside.subarray(32))).toEqual(
        parseAppDescription(alone.subarray(32)),
      );
    }),
    { numRuns: 500 },
  );
});

test("every chip a manifest can name has its facts", () => {
  expect(new Set(CHIPS.map((chip) => CHIP_FACTS[chip].id)).size).toBe(CHIPS.length);
});
