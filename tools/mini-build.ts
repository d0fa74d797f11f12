/**
 * Builds the camera's firmware as a process of this computer, .build/mini/release/skyfeeder-camera.
 *
 *   npm run mini:build              says so and goes on where there is no C++ compiler
 *   npm run mini:build -- --required
 *
 * Exit codes: 0 ok, 1 it does not compile, 2 usage, 3 no compiler though one is required.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { basename, extname, join } from "node:path";
import { parseArgs } from "node:util";

const ROOT = join(import.meta.dirname, "..");
const MINI = join(ROOT, "device", "amb82-bridge", "mini");
const FOLDERS = [join(MINI, "src"), join(MINI, "posix")];

const WARNINGS = ["-Wall", "-Wextra", "-Werror"];
const CXX_FLAGS = ["-std=c++17", "-fno-exceptions", "-fno-rtti", ...WARNINGS];
const C_FLAGS = ["-x", "c", "-std=c11", ...WARNINGS];

/** checked: for tests; stops at the first access out of bounds and the first undefined behaviour. */
const FLAVOUR_FLAGS = {
  release: ["-O2"],
  checked: ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
} as const;

type Flavour = keyof typeof FLAVOUR_FLAGS;

interface Unit {
  readonly source: string;
  /** Named for what it is made from, so one that exists is up to date. */
  readonly object: string;
  readonly flags: readonly string[];
}

/** The path of the program, undefined where there is no compiler; throws with its words when it finds faults. */
export function buildMini(flavour: Flavour = "release"): string | undefined {
  const compiler = findCompiler();
  if (compiler === undefined) return undefined;
  const folder = join(ROOT, ".build", "mini", flavour);
  mkdirSync(folder, { recursive: true });
  const units = planUnits(compiler, folder, FLAVOUR_FLAGS[flavour]);
  const objects = units.map(({ object }) => object);
  const linked = join(folder, `${digest([compiler, ...objects])}.linked`);
  const program = join(folder, "skyfeeder-camera");
  if (existsSync(linked)) return program;
  compile(
    compiler,
    units.filter(({ object }) => !existsSync(object)),
  );
  // Two tests may build at once: each puts a whole program in place.
  const unfinished = `${program}.${process.pid}`;
  run(compiler, [...FLAVOUR_FLAGS[flavour], ...objects, "-o", unfinished]);
  renameSync(unfinished, program);
  writeFileSync(linked, "");
  removeOthers(folder, [...objects, linked]);
  return program;
}

/** The object files of what the board runs too, for a look at what they need. */
export function miniCoreObjects(): readonly string[] {
  const compiler = findCompiler();
  if (buildMini() === undefined || compiler === undefined) return [];
  const folder = join(ROOT, ".build", "mini", "release");
  return planUnits(compiler, folder, FLAVOUR_FLAGS.release)
    .filter(({ source }) => source.startsWith(join(MINI, "src")))
    .map(({ object }) => object);
}

function findCompiler(): string | undefined {
  const { CXX } = process.env;
  const candidates = CXX === undefined ? ["g++", "c++", "clang++"] : [CXX];
  return candidates.find((name) => spawnSync(name, ["--version"]).status === 0);
}

function planUnits(compiler: string, folder: string, flavour: readonly string[]): readonly Unit[] {
  const paths = FOLDERS.flatMap((path) => readdirSync(path).map((name) => join(path, name))).sort();
  const headers = paths.filter((path) => /\.(h|hpp)$/.test(path)).map(readText);
  return paths
    .filter((path) => /\.(c|cpp)$/.test(path))
    .map((source) => {
      const flags = [...flavour, ...(extname(source) === ".c" ? C_FLAGS : CXX_FLAGS)];
      const name = `${basename(source)}-${digest([compiler, ...flags, readText(source), ...headers])}.o`;
      return { source, object: join(folder, name), flags };
    });
}

function readText(path: string): string {
  return readFileSync(path, "utf8");
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 16);
}

/** All at once, as many as there are processors: xargs is the one way to do so in a function that waits. */
function compile(compiler: string, units: readonly Unit[]): void {
  const lines = units.map(({ source, object, flags }) => {
    const unfinished = `${object}.${process.pid}`;
    const words = [compiler, ...flags, "-c", source, "-o", unfinished].map(quoted).join(" ");
    return `${words} && mv ${quoted(unfinished)} ${quoted(object)}`;
  });
  if (lines.length === 0) return;
  const shell = ["-0", "-n", "1", "-P", String(availableParallelism()), "sh", "-c", 'eval "$0"'];
  run("xargs", shell, lines.join("\0"));
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function run(command: string, args: readonly string[], input = ""): void {
  const { status, stderr } = spawnSync(command, args, { input, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} failed\n${stderr}`);
}

function removeOthers(folder: string, kept: readonly string[]): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const isOurs = /\.(o|linked)$/.test(name);
    if (isOurs && !kept.includes(path)) rmSync(path, { force: true });
  }
}

function main(required: boolean): number {
  const startMs = performance.now();
  const program = buildMini();
  if (program === undefined) {
    console.log("mini:build skipped: no C++ compiler (g++, c++, clang++ or $CXX)");
    return required ? 3 : 0;
  }
  console.log(`${program} ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
  return 0;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { required: { type: "boolean", default: false } } });
  process.exitCode = main(values.required);
}
