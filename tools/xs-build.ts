/**
 * Builds XS, the engine of the boards, as a process of this computer: .build/xs/xsnap-worker.
 *
 *   npm run xs:build                says so and goes on where it cannot be built
 *   npm run xs:build -- --required
 *
 * Its sources are those of the npm package @agoric/xsnap, of which nothing else is used (docs/decisions/0020).
 * Exit codes: 0 ok, 1 it does not compile or is not what was expected, 2 usage, 3 something it needs is missing though
 * required.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { XS_WORKER } from "../host-sim/engines/xs-worker.ts";

const BUILD = dirname(XS_WORKER);
const VERSION = "0.15.0";
/** Of its tarball, as `npm view` tells it (`dist.integrity`). */
const SHA512 =
  "ZBm4DZxbtfacxMHVVdJjZi0Y8zOxN77vpu1WwI5RWfPkaRh0aHkz/dVdTGKXalDNzWfz183lljKxlxl3/h0n+A==";
/** What it was built from; a worker of something else is built anew. */
const STAMP = join(BUILD, "built-from");
const BUILT_FROM = `${VERSION} ${SHA512}\n`;

const USAGE = "usage: npm run xs:build [-- --required]";
const NEEDED = ["npm", "tar", "make", "cc"];

type Build =
  | { readonly kind: "built" }
  | { readonly kind: "missing"; readonly what: string }
  /** The words of what failed. */
  | { readonly kind: "faulty"; readonly words: string };

function build(): Build {
  if (existsSync(XS_WORKER) && existsSync(STAMP) && readFileSync(STAMP, "utf8") === BUILT_FROM) {
    return { kind: "built" };
  }
  if (process.platform !== "linux") return { kind: "missing", what: "Linux, which it is made for" };
  const absent = NEEDED.find((tool) => run(tool, ["--version"]).status !== 0);
  if (absent !== undefined) return { kind: "missing", what: absent };
  mkdirSync(BUILD, { recursive: true });
  // Two may build at once: each has sources of its own and puts a whole worker in place.
  const folder = mkdtempSync(join(BUILD, "sources-"));
  try {
    return buildIn(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function buildIn(folder: string): Build {
  const packed = run("npm", ["pack", "--silent", `@agoric/xsnap@${VERSION}`], folder);
  if (packed.status !== 0) return { kind: "missing", what: `npm pack: ${packed.words}` };
  const [tarball = ""] = readdirSync(folder);
  const sha512 = createHash("sha512").update(readFileSync(join(folder, tarball)));
  if (sha512.digest("base64") !== SHA512) {
    return { kind: "faulty", words: `${tarball} is not the one this was written for\n` };
  }
  const unpacked = run("tar", ["-xzf", tarball], folder);
  if (unpacked.status !== 0) return { kind: "faulty", words: unpacked.words };
  return make(join(folder, "package"));
}

function make(sources: string): Build {
  const native = join(sources, "xsnap-native", "xsnap");
  const made = run(
    "make",
    [
      `-j${availableParallelism()}`,
      "-f",
      "xsnap-worker.mk",
      `MODDABLE=${join(sources, "moddable")}`,
      "GOAL=release",
      `XSNAP_VERSION=${VERSION}`,
      // As the package's own build does: its sources take the compiler's built-ins for granted.
      'CC=cc "-D__has_builtin(x)=1"',
    ],
    join(native, "makefiles", "lin"),
  );
  if (made.status !== 0) return { kind: "faulty", words: made.words };
  renameSync(join(native, "build", "bin", "lin", "release", "xsnap-worker"), XS_WORKER);
  writeFileSync(STAMP, BUILT_FROM);
  return { kind: "built" };
}

function run(command: string, args: readonly string[], cwd = BUILD) {
  const folder = existsSync(cwd) ? cwd : ".";
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
  return { status, words: stderr || stdout || `${command} failed\n` };
}

function main(options: readonly string[]): number {
  const unknown = options.find((option) => !["--required", "--help", "-h"].includes(option));
  if (unknown !== undefined) {
    console.error(`xs:build: unknown option ${unknown}; ${USAGE}`);
    return 2;
  }
  if (options.includes("--help") || options.includes("-h")) {
    console.log(USAGE);
    return 0;
  }
  const startMs = performance.now();
  const built = build();
  if (built.kind === "faulty") {
    process.stderr.write(built.words);
    return 1;
  }
  if (built.kind === "missing") {
    console.log(`xs:build skipped: it needs ${built.what}`);
    return options.includes("--required") ? 3 : 0;
  }
  console.log(`${XS_WORKER} ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
  return 0;
}

process.exitCode = main(process.argv.slice(2));
