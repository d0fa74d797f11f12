import fc from "fast-check";
import { expect, test } from "vitest";
import type { PortValue } from "../../host-sim/engines/guest-port.ts";
import { PortReader, PortWriter } from "../../host-sim/engines/port-bytes.ts";

const values: fc.Arbitrary<PortValue> = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    true,
    false,
    0,
    -0,
    2 ** 31 - 1,
    -(2 ** 31),
    2 ** 31,
    Number.NaN,
  ),
  fc.integer(),
  fc.double(),
  fc.string({ unit: "grapheme", maxLength: 300 }),
  fc.uint8Array({ maxLength: 3_000 }),
);

test("one message after the other is read as it was written", () => {
  const writer = new PortWriter();
  const reader = new PortReader();
  fc.assert(
    fc.property(fc.array(values, { maxLength: 12 }), fc.boolean(), (written, isWhole) => {
      writer.begin();
      writer.byte(written.length);
      for (const value of written) writer.value(value);
      const message = isWhole ? new Uint8Array(writer.messageBuffer()) : writer.message();
      reader.open(message.slice());
      const read = Array.from({ length: reader.byte() }, () => reader.value());
      expect(read).toStrictEqual(written);
    }),
  );
});

test("what was read stays as it is when the bytes of the message are used again", () => {
  const writer = new PortWriter();
  const reader = new PortReader();
  writer.begin();
  writer.value(Uint8Array.of(1, 2, 3));
  reader.open(writer.message());
  const read = reader.value();
  writer.begin();
  writer.value(Uint8Array.of(7, 8, 9));
  expect(read).toEqual(Uint8Array.of(1, 2, 3));
});
