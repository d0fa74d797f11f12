import fc from "fast-check";
import { expect, test } from "vitest";
import { compareSemVer, parseSemVer, type SemVer } from "../../protocol/semver.ts";
import { versionSortKey } from "../../server-min/firmware/version-sort-key.ts";

function parse(text: string): SemVer {
  const version = parseSemVer(text);
  if (version === undefined) throw new Error(`${text} is no version`);
  return version;
}

/** Sections 10 and 11 of semver.org, lowest first. */
const ASCENDING = [
  "0.0.0-0",
  "0.0.0",
  "0.0.9",
  "0.0.10",
  "0.9.0",
  "1.0.0--",
  "1.0.0-alpha",
  "1.0.0-alpha.1",
  "1.0.0-alpha.beta",
  "1.0.0-beta",
  "1.0.0-beta.2",
  "1.0.0-beta.11",
  "1.0.0-rc.1",
  "1.0.0",
  "2.0.0-9",
  "2.0.0-10",
  "2.0.0-10.0",
  "2.0.0-1a",
  "2.0.0-A",
  "2.0.0-a",
  "2.0.0-a-b",
  "2.0.0-a0",
  "2.0.0",
  "2.1.0",
  "2.1.1",
  "9999999999.0.0",
];
const PAIRS = ASCENDING.flatMap((low, at) => ASCENDING.slice(at + 1).map((high) => [low, high]));

test.each(PAIRS)("%s precedes %s", (low = "", high = "") => {
  expect(compareSemVer(parse(low), parse(high))).toBeLessThan(0);
  expect(compareSemVer(parse(high), parse(low))).toBeGreaterThan(0);
  expect(versionSortKey(parse(low)) < versionSortKey(parse(high))).toBe(true);
});

test("build metadata does not count", () => {
  expect(compareSemVer(parse("1.0.0+a"), parse("1.0.0+b.2"))).toBe(0);
  expect(versionSortKey(parse("1.0.0-rc.1+a"))).toBe(versionSortKey(parse("1.0.0-rc.1")));
});

/** The first two rows are semver.org's own examples of what is none. */
test.each([
  ...["1", "1.2", "1.2.3-0123", "1.2.3-0123.0123", "1.1.2+.123", "+invalid", "-invalid", "alpha"],
  ...["1.2.3.DEV", "1.2-SNAPSHOT", "01.1.1", "1.01.1", "1.1.01", "1.2.3-", "1.0.0-alpha_beta"],
  ...["", "v1.0.0", " 1.0.0", "1.0.0\n", "1.0.0-a..b", "1.0.0+", "1.0.0+ü", "-1.0.0", "1.0.0-é"],
  ...["1.0.0-1234567890123456", "12345678901.0.0", `1.0.0-${"a".repeat(26)}`],
])("%j is no version", (text) => {
  expect(parseSemVer(text)).toBeUndefined();
});

const number = fc.oneof(fc.nat(20), fc.nat(9_999_999_999)).map(String);
const identifier = fc.oneof(number, fc.stringMatching(/^[0-9A-Za-z-]{0,4}[A-Za-z-]$/));
const VERSION_TEXT = fc
  .tuple(
    fc.tuple(number, number, number),
    fc.array(identifier, { maxLength: 3 }),
    fc.array(fc.stringMatching(/^[0-9A-Za-z-]{1,3}$/), { maxLength: 2 }),
  )
  .map(([core, prerelease, build]) =>
    [
      core.join("."),
      ...(prerelease.length > 0 ? ["-", prerelease.join(".")] : []),
      ...(build.length > 0 ? ["+", build.join(".")] : []),
    ].join(""),
  )
  .filter((text) => text.length <= 31);

test("every version of the grammar is one", () => {
  fc.assert(fc.property(VERSION_TEXT, (text) => parseSemVer(text) !== undefined));
});

test("the order is total, and its text form agrees with it", () => {
  const sign = (value: number) => Math.sign(value);
  fc.assert(
    fc.property(VERSION_TEXT, VERSION_TEXT, VERSION_TEXT, (...texts) => {
      const [a, b, c] = texts.map(parse) as [SemVer, SemVer, SemVer];
      expect(sign(compareSemVer(a, b))).toBe(-sign(compareSemVer(b, a)) + 0);
      const [low, middle, high] = [a, b, c].sort(compareSemVer) as [SemVer, SemVer, SemVer];
      expect(compareSemVer(low, middle)).toBeLessThanOrEqual(0);
      expect(compareSemVer(middle, high)).toBeLessThanOrEqual(0);
      expect(compareSemVer(low, high)).toBeLessThanOrEqual(0);
      const [one, other] = [versionSortKey(a), versionSortKey(b)];
      expect(one < other ? -1 : Number(one > other)).toBe(sign(compareSemVer(a, b)));
    }),
    { numRuns: 500 },
  );
});

test("whatever the text, the answer is a version or none", () => {
  fc.assert(fc.property(fc.string(), (text) => void parseSemVer(text)));
});
