import fc from "fast-check";
import { expect, test } from "vitest";
import { readField } from "../../../device/esp32/portal/form-fields.ts";

const SEEDS = Number(process.env.NOISE_SEEDS ?? 500);
const field = (form: string, name: string) => readField(Buffer.from(form), name);

test("what a browser sends is read as it was typed", () => {
  const names = ["ssid", "password", "a b", "ü"] as const;
  // A browser, and URLSearchParams as it, knows no lone surrogates.
  const values = fc.tuple(...names.map(() => fc.string({ unit: "grapheme" })));
  fc.assert(
    fc.property(values, (typed) => {
      const form = new URLSearchParams(names.map((name, at) => [name, typed[at] ?? ""]));
      for (const [at, name] of names.entries()) expect(field(String(form), name)).toBe(typed[at]);
    }),
  );
});

test.each([
  ["a=1&a=2", "1"],
  ["b=2", undefined],
  ["", undefined],
  ["a", ""],
  ["a=", ""],
  ["a=%", "%"],
  ["a=%4", "%4"],
  ["a=%zz+%41", "%zz A"],
  ["a=b=c", "b=c"],
  ["a=%ff", undefined],
  ["&&a=1", "1"],
])("%j has %j", (form, value) => {
  expect(field(form, "a")).toBe(value);
});

test("noise has no fields that are no text", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const value = readField(bytes, "");
      expect(value === undefined || Buffer.from(value).toString() === value).toBe(true);
    }),
    { numRuns: SEEDS },
  );
});
