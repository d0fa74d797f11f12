import type { SemVer } from "../../protocol/semver.ts";

/** Text whose byte order is the precedence of versions (semver.org, section 11), for the database to sort by. */
export function versionSortKey({ numbers, prerelease }: SemVer): string {
  const core = numbers.map(sortableNumber).join("");
  // Above the 0 and 1 that a prerelease goes on with: a release follows its prereleases.
  if (prerelease.length === 0) return `${core}~`;
  const fields = prerelease.map((field) =>
    // A space is below everything an identifier may hold: more characters follow fewer.
    typeof field === "number" ? `0${sortableNumber(field)}` : `1${field} `,
  );
  return core + fields.join("");
}

/** Fewer digits first, then digit by digit. */
function sortableNumber(number: number): string {
  const digits = String(number);
  return String.fromCharCode("a".charCodeAt(0) + digits.length) + digits;
}
