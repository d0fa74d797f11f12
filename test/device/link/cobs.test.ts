import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CobsDecoder, cobsEncode } from "../../../device/amb82-bridge/link/cobs.ts";
import { crc32 } from "../../../device/amb82-bridge/link/crc32.ts";
import { wireBytesMax } from "../../../device/amb82-bridge/link/frame.ts";

const FRAME_BYTES_MAX = 1036;

function encode(bytes: Uint8Array): Uint8Array {
  const into = new Uint8Array(wireBytesMax(bytes.length));
  return into.subarray(0, cobsEncode(bytes, bytes.length, into));
}

function decodeAll(stream: Uint8Array): Uint8Array[] {
  const decoder = new CobsDecoder(FRAME_BYTES_MAX);
  const frames: Uint8Array[] = [];
  for (const byte of stream) {
    if (decoder.push(byte) === "frame") frames.push(decoder.frame.slice(0, decoder.frameLength));
  }
  return frames;
}

const frame = fc.uint8Array({ minLength: 1, maxLength: FRAME_BYTES_MAX });

/** The examples of the COBS paper and its usual corner: runs around 254 bytes. */
test.each([
  ["00", "00010100"],
  ["0000", "0001010100"],
  ["11220033", "000311220233 00"],
  ["11223344", "00051122334400"],
  ["11000000", "000211010101 00"],
])("%s is stuffed as %s", (plain, stuffed) => {
  const bytes = encode(Buffer.from(plain, "hex"));
  expect(Buffer.from(bytes).toString("hex")).toBe(stuffed.replaceAll(" ", ""));
});

test.each([253, 254, 255, 508, 509])("a run of %i bytes without a zero comes back", (length) => {
  const bytes = new Uint8Array(length).fill(7);
  expect(decodeAll(encode(bytes))).toEqual([bytes]);
});

test("any frame comes back, holds no zero between its delimiters and keeps its bound", () => {
  fc.assert(
    fc.property(frame, (bytes) => {
      const stuffed = encode(bytes);
      expect(stuffed.length).toBeLessThanOrEqual(wireBytesMax(bytes.length));
      expect(stuffed.subarray(1, -1)).not.toContain(0);
      expect(decodeAll(stuffed)).toEqual([bytes]);
    }),
  );
});

test("after any noise the next frame is whole", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), frame, (noise, bytes) => {
      const frames = decodeAll(Uint8Array.from([...noise, ...encode(bytes)]));
      expect(frames.at(-1)).toEqual(bytes);
    }),
  );
});

test("CRC-32 is the one everybody means", () => {
  expect(crc32(Buffer.from("123456789"), 0, 9)).toBe(0xcbf43926);
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(crc32(bytes, 0, bytes.length)).toBe(zlibCrc32(bytes));
    }),
  );
});
