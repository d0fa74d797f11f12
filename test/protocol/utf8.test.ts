import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "../../protocol/utf8.ts";

test("any text is encoded as TextEncoder does", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect([...encodeUtf8(text)]).toEqual([...new TextEncoder().encode(text)]);
    }),
  );
  expect([...encodeUtf8("\ud83d")]).toEqual([0xef, 0xbf, 0xbd]);
});

test("any bytes are decoded, or refused, as a fatal TextDecoder does", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const expected = (bytes: Uint8Array): string | undefined => {
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined;
    }
  };
  const noise = fc.uint8Array({ maxLength: 12 });
  const nearly = fc
    .tuple(fc.string({ unit: "binary", maxLength: 6 }), fc.nat(), fc.nat(255))
    .map(([text, at, byte]) => {
      const bytes = new TextEncoder().encode(text);
      if (bytes.length > 0) bytes[at % bytes.length] = byte;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(noise, nearly), (bytes) => {
      expect(decodeUtf8(bytes)).toBe(expected(bytes));
    }),
    { numRuns: 2_000 },
  );
});
