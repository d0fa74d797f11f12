/**
 * The version of a build that is no release: the last tag's, with the time and the commit behind it. Every build has
 * another, and a later one is the higher.
 *
 *   node tools/build-version.ts        for example 0.2.0-20261121221503.1a2b3c4
 *
 * Exit codes: 0 ok, 1 there is no git, or the tag is no version.
 */
import { execFileSync } from "node:child_process";
import packageJson from "../package.json" with { type: "json" };
import { parseSemVer } from "../protocol/semver.ts";

/**
 * `<version>-<UTC time>.<commit>`. The time is one number of 14 digits, which SemVer orders as a number. A commit of digits
 * alone that begins with 0 is no identifier there (SemVer 2.0.0, section 9): git's own "g" goes before it.
 */
export function buildVersion(tag: string, builtAt: Date, commit: string): string | undefined {
  const time = builtAt.toISOString().replace(/\D/g, "").slice(0, 14);
  const identifier = /^0\d+$/.test(commit) ? `g${commit}` : commit;
  const version = `${tag.replace(/^v/, "").replace(/[-+].*$/, "")}-${time}.${identifier}`;
  return parseSemVer(version) === undefined ? undefined : version;
}

/** Undefined where git has no answer. */
function git(...args: string[]): string | undefined {
  try {
    const stdio: ["ignore", "pipe", "ignore"] = ["ignore", "pipe", "ignore"];
    return execFileSync("git", args, { encoding: "utf8", stdio }).trim();
  } catch {
    return undefined;
  }
}

function main(): void {
  const tag = git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*") ?? packageJson.version;
  const commit = git("rev-parse", "--short=7", "HEAD");
  const version = commit && buildVersion(tag, new Date(), commit.slice(0, 7));
  if (version === undefined) {
    process.stderr.write(`no version of tag ${tag} and commit ${commit ?? "none"}\n`);
    process.exitCode = 1;
    return;
  }
  process.stdout.write(`${version}\n`);
}

if (import.meta.main) main();
