import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkSettings } from "../../protocol/check-settings.ts";
import { DEVICE_SETTINGS, type Setting, withDefaults } from "../../protocol/device-config.ts";
import { deviceConfigSchema } from "../../protocol/device-config-schema.ts";

const isValid = new Ajv2020().compile(deviceConfigSchema());
const table: readonly (readonly [string, Setting])[] = Object.entries(DEVICE_SETTINGS);

/** At a bound, between, beyond, or nothing like it. */
function nearValues(setting: Setting): fc.Arbitrary<unknown> {
  const anything = fc.oneof(fc.jsonValue(), fc.constantFrom(-0, 5.0, 1e21, "any", ""));
  const numbers = (bounds: { min: number; max: number; step: number }) => {
    const { min, max, step } = bounds;
    const edges = [min, max, min - step, max + step, min + 1, (min + max) / 2];
    return fc.oneof(fc.constantFrom(...edges), fc.integer({ min: min - 10, max: max + 10 }));
  };
  switch (setting.type) {
    case "integer":
      return fc.oneof(numbers(setting), anything);
    case "integers":
      return fc.oneof(fc.array(numbers(setting), { maxLength: 8 }), anything);
    case "choice":
      return fc.oneof(fc.constantFrom(...setting.choices, "STABLE"), anything);
    case "window":
      return fc.oneof(fc.stringMatching(/^[012]?\d:\d\d-[012]\d:[0-9]{2}$/), anything);
  }
}

const values = Object.fromEntries(table.map(([name, setting]) => [name, nearValues(setting)]));
const candidates = fc.oneof(
  { weight: 20, arbitrary: fc.record(values, { requiredKeys: [] }) },
  fc.dictionary(fc.constantFrom("clipSeconds", "__proto__", "toString", "x"), fc.nat(8)),
  fc.jsonValue(),
);

test("the schema and our own check agree on every value", () => {
  fc.assert(
    fc.property(candidates, (value) => {
      expect(checkSettings(value).kind).toBe(isValid(value) ? "good" : "wrong");
    }),
    { numRuns: 2_000 },
  );
});

test.each(table)("%s: a value alone is judged alike", (name, setting) => {
  fc.assert(
    fc.property(nearValues(setting), (value) => {
      const settings = { [name]: value };
      expect(checkSettings(settings).kind).toBe(isValid(settings) ? "good" : "wrong");
    }),
  );
});

test("the defaults are good settings, and fill what is not set", () => {
  const defaults = JSON.parse(JSON.stringify(withDefaults({})));
  expect(checkSettings(defaults)).toEqual({ kind: "good", settings: defaults });
  expect(withDefaults({ clipSeconds: 0 })).toEqual({ ...withDefaults({}), clipSeconds: 0 });
});

test("every mistake is told, up to a bound", () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`x${at}`, 1]));
  const checked = checkSettings({ clipSeconds: -1, ...many });
  const mistakes = checked.kind === "wrong" ? checked.mistakes : [];
  expect(mistakes).toHaveLength(32);
  expect(mistakes[0]).toEqual({
    setting: "clipSeconds",
    message: "must be a whole number from 0 to 8 s",
  });
});
