/** Semantic Versioning 2.0.0 (semver.org): parsed and compared by precedence; build metadata does not count. */
export interface SemVer {
  readonly numbers: readonly [major: number, minor: number, patch: number];
  readonly prerelease: readonly (string | number)[];
}

/** esp_app_desc_t has 32 bytes for it, the last of them zero. */
const VERSION_CHARACTERS_MAX = 31;
/** A number of more digits would lose some of them. */
const IDENTIFIER = "(?:0|[1-9]\\d{0,14}|\\d*[A-Za-z-][0-9A-Za-z-]*)";
const NUMBER = "(0|[1-9]\\d{0,9})";
const VERSION =
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}` +
  `(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`;

export function parseSemVer(text: string): SemVer | undefined {
  if (text.length > VERSION_CHARACTERS_MAX) return undefined;
  const match = new RegExp(VERSION).exec(text);
  if (match === null) return undefined;
  const [, major, minor, patch, prerelease] = match;
  return {
    numbers: [Number(major), Number(minor), Number(patch)],
    prerelease:
      prerelease === undefined
        ? []
        : prerelease.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
  };
}

/** Below zero when `a` precedes `b`, 0 when neither does. */
export function compareSemVer(a: SemVer, b: SemVer): number {
  for (const [index, number] of a.numbers.entries()) {
    const difference = number - (b.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePrerelease(a.prerelease, b.prerelease);
}

/** Section 11: a release follows its prereleases, numbers precede words, more fields follow fewer. */
function comparePrerelease(
  a: readonly (string | number)[],
  b: readonly (string | number)[],
): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) return 1;
    if (left === right) continue;
    if (typeof left === "number") return typeof right === "number" ? left - right : -1;
    if (typeof right === "number") return 1;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}
