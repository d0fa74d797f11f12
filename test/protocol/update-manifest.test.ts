import fc from "fast-check";
import { expect, test } from "vitest";
import {
  CHANNELS,
  CHIPS,
  formatUpdateManifest,
  NOTES_CHARACTERS_MAX,
  parseUpdateManifest,
  type UpdateManifest,
} from "../../protocol/update-manifest.ts";

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,30}$/);
const positive = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/);
const version = fc.constantFrom("0.0.0-0", "1.2.3", "10.0.0-rc.1+b");
const timeMs = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) });

const MANIFEST: fc.Arbitrary<UpdateManifest> = fc.record({
  product: name,
  board: name,
  chip: fc.constantFrom(...CHIPS),
  channel: fc.constantFrom(...CHANNELS),
  version,
  sequence: positive,
  size: positive,
  sha256,
  elfSha256: sha256,
  minimumVersion: version,
  issuedMs: timeMs,
  expiresMs: timeMs,
  notes: fc.string({ unit: "binary", maxLength: NOTES_CHARACTERS_MAX / 2 }),
});

test("a manifest survives its text, which is ASCII whatever its notes are", () => {
  fc.assert(
    fc.property(MANIFEST, (manifest) => {
      const text = formatUpdateManifest(manifest);
      expect(text).toMatch(/^[\0-\x7f]*$/);
      expect(parseUpdateManifest(text)).toEqual(manifest);
    }),
  );
});

test("notes in any language are ASCII in the text", () => {
  const notes = "Öl \u0080\u007f\u00ff 鳥 🐦";
  const manifest = parseUpdateManifest(JSON.stringify({ ...GOOD, notes }));
  const text = manifest && formatUpdateManifest(manifest);
  expect(text).toContain(String.raw`\u00d6l \u0080`);
  expect(text).toMatch(/^[\0-\x7f]*$/);
  expect(parseUpdateManifest(text ?? "")?.notes).toBe(notes);
});

const GOOD = {
  product: "skyfeeder",
  board: "feeder",
  chip: "esp32",
  channel: "stable",
  version: "1.2.0",
  sequence: 7,
  size: 1_200_000,
  sha256: "a".repeat(64),
  elfSha256: "b".repeat(64),
  minimumVersion: "1.0.0",
  issued: "2026-05-01T12:00:00.000Z",
  expires: "2026-05-31T12:00:00Z",
  notes: "",
};

test("times are RFC 3339 in UTC", () => {
  expect(parseUpdateManifest(JSON.stringify(GOOD))).toMatchObject({
    issuedMs: Date.UTC(2026, 4, 1, 12),
    expiresMs: Date.UTC(2026, 4, 31, 12),
  });
});

test.each(Object.keys(GOOD))("a manifest without %s is none", (field) => {
  const { [field as keyof typeof GOOD]: _, ...rest } = GOOD;
  expect(parseUpdateManifest(JSON.stringify(rest))).toBeUndefined();
});

test.each([
  ["product", ["", "sky feeder", "../x", "-x", "x".repeat(32), 7, null]],
  ["board", ["", "feeder/2"]],
  ["chip", ["esp8266", "ESP32", "toString"]],
  ["channel", ["nightly", "Stable", 0]],
  ["version", ["1.2", "v1.2.0", "", 1]],
  ["minimumVersion", ["1.2", null]],
  ["sequence", [0, -1, 1.5, 2 ** 53, "7", null]],
  ["size", [0, -1, 0.5, "1"]],
  ["sha256", ["a".repeat(63), "A".repeat(64), ""]],
  ["elfSha256", ["b".repeat(65), null]],
  ["issued", ["2026-05-01", "2026-05-01T12:00:00+02:00", "2026-13-01T00:00:00Z", 1, "soon"]],
  ["expires", ["", "2026-05-01T12:00Z1", null]],
  ["notes", ["x".repeat(NOTES_CHARACTERS_MAX + 1), 7, null]],
])("a manifest with another %s than it may be is none", (field, values) => {
  for (const value of values) {
    const text = JSON.stringify({ ...GOOD, [field]: value });
    expect([value, parseUpdateManifest(text)]).toEqual([value, undefined]);
  }
});

test.each(["", "null", "[]", "7", '"manifest"', "{"])("%s is no manifest", (text) => {
  expect(parseUpdateManifest(text)).toBeUndefined();
});

test("whatever the JSON, the answer is a manifest or none", () => {
  const fields = fc.constantFrom(...Object.keys(GOOD));
  fc.assert(
    fc.property(fields, fc.jsonValue(), (field, value) => {
      void parseUpdateManifest(JSON.stringify({ ...GOOD, [field]: value }));
    }),
  );
});
