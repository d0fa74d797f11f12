import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { decodeAppImage, encodeAppImage } from "../../host-sim/board/app-image.ts";

const APP = { product: "skyfeeder", version: "1.2.3", javascript: "trace('Amsel, Drossel')" };

/** The offsets of ESP-IDF v6.0: header 24 bytes, segment header 8, description at 0x20. */
test("an image has ESP-IDF's header, description, checksum and SHA-256", () => {
  const image = Buffer.from(encodeAppImage(APP));
  expect(image[0]).toBe(0xe9);
  expect(image.readUInt32LE(0x20)).toBe(0xabcd5432);
  expect(image.toString("latin1", 0x30, 0x35)).toBe("1.2.3");
  expect(image.toString("latin1", 0x50, 0x59)).toBe("skyfeeder");
  expect(image.toString("latin1", 0x90, 0x99)).toBe("simulator");
  expect(image.readUInt32LE(24) % 0x10000).toBe(0x20);
  expect((image.length - 32) % 16).toBe(0);
  expect(decodeAppImage(image)).toMatchObject(APP);
});

test.each([
  [0, "magic"],
  [1, "segments"],
  [5, "sha256"],
  [12, "chip"],
  [23, "sha256"],
  [24, "segment_address"],
  [29, "truncated"],
  [300, "checksum"],
  [-33, "checksum"],
  [-1, "sha256"],
])("an image with byte %i flipped is refused for its %s", (at, fault) => {
  const image = Buffer.from(encodeAppImage({ ...APP, javascript: "x".repeat(500) }));
  const index = at < 0 ? image.length + at : at;
  image[index] = (image[index] as number) ^ 0x40;
  expect(decodeAppImage(image)).toBe(fault);
});

test("an image without a hash does not boot", () => {
  const bare = Buffer.from(encodeAppImage(APP));
  bare[23] = 0;
  expect(decodeAppImage(bare)).toBe("sha256");
});

test("a whole image that holds no bundle does not boot", () => {
  const empty = Buffer.from(encodeAppImage({ ...APP, javascript: "" }));
  // The segment's last four bytes, the bundle's length, become padding: the checksum is the same.
  empty.writeUInt32LE(256, 28);
  const hashed = empty.subarray(0, -32);
  empty.set(createHash("sha256").update(hashed).digest(), hashed.length);
  expect(decodeAppImage(empty)).toBe("description");
});

test("an image for another chip does not boot", () => {
  const foreign = Buffer.from(encodeAppImage(APP));
  foreign.writeUInt16LE(2, 12);
  foreign.writeUInt32LE(0x3f000020, 24);
  expect(decodeAppImage(foreign)).toBe("chip");
});

test("an image is found at the start of its partition", () => {
  const partition = Buffer.alloc(64 * 1024, 0xff);
  partition.set(encodeAppImage(APP));
  expect(decodeAppImage(partition)).toMatchObject(APP);
});

test("padding makes an image of the size that was asked for, the same each time, and no smaller when sent", () => {
  const padded = { ...APP, padToBytes: 1_200_000 };
  const image = encodeAppImage(padded);
  expect(image).toHaveLength(1_200_000);
  expect(encodeAppImage(padded)).toEqual(image);
  expect(gzipSync(image).length).toBeGreaterThan(1_190_000);
  const { elfSha256, ...app } = decodeAppImage(image) as { elfSha256: string };
  expect(app).toEqual(APP);
  expect(decodeAppImage(encodeAppImage(APP))).toMatchObject({ elfSha256 });
  const next = encodeAppImage({ ...padded, javascript: "trace('Drossel, Amsel')" });
  expect(next.subarray(-900, -40)).not.toEqual(image.subarray(-900, -40));
  expect(encodeAppImage({ ...APP, padToBytes: 100 })).toEqual(encodeAppImage(APP));
});
