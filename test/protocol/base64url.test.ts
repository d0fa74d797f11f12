import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBase64url } from "../../protocol/base64url.ts";

/** RFC 4648, section 10, without its padding. */
test.each([
  ["", ""],
  ["Zg", "f"],
  ["Zm8", "fo"],
  ["Zm9v", "foo"],
  ["Zm9vYg", "foob"],
  ["Zm9vYmE", "fooba"],
  ["Zm9vYmFy", "foobar"],
])("%j is %j", (encoded, text) => {
  expect(Buffer.from(decodeBase64url(encoded) ?? []).toString()).toBe(text);
});

test.each(["Z", "Zg==", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm 9v", "Zm9v\n", "Zm9v=", "Zö", "😀😀"])(
  "%j is the spelling of nothing",
  (text) => {
    expect(decodeBase64url(text)).toBeUndefined();
  },
);

test("any bytes come back", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const encoded = Buffer.from(bytes).toString("base64url");
      expect(decodeBase64url(encoded)).toEqual(new Uint8Array(bytes));
    }),
  );
});

test("no text but one is the spelling of some bytes", () => {
  const nearly = fc.string({ unit: fc.constantFrom(..."AQgwBZab19-_+/="), maxLength: 8 });
  fc.assert(
    fc.property(nearly, (text) => {
      const bytes = decodeBase64url(text);
      if (bytes !== undefined) expect(Buffer.from(bytes).toString("base64url")).toBe(text);
    }),
  );
});
