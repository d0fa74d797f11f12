/**
 * Builds the camera's firmware as a process of this computer, .build/mini/release/skyfeeder-camera.
 *
 *   npm run mini:build              says so and goes on where there is no C++ compiler
 *   npm run mini:build -- --required
 *
 * CXX names the compiler, with arguments where it needs some: CXX="ccache g++".
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
import { basename, dirname, extname, join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const MINI = join(ROOT, "device", "amb82-bridge", "mini");
const FOLDERS = [join(MINI, "src"), join(MINI, "posix")];
const BUILD = join(ROOT, ".build", "mini");

const USAGE = "usage: npm run mini:build [-- --required]";
const NO_COMPILER = "no C++ compiler (g++, c++, clang++ or $CXX)";
const NO_SANITIZERS = "the C++ compiler has no address and undefined-behaviour sanitizers";

const WARNINGS = ["-Wall", "-Wextra", "-Werror"];
const CXX_FLAGS = ["-std=c++17", "-fno-exceptions", "-fno-rtti", ...WARNINGS];
const C_FLAGS = ["-x", "c", "-std=c11", ...WARNINGS];

/** checked: for tests; stops at the first access out of bounds and the first undefined behaviour. */
const FLAVOUR_FLAGS = {
  release: ["-O2"],
  checked: ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
} as const;

type Flavour = keyof typeof FLAVOUR_FLAGS;

interface Compiler {
  readonly command: string;
  readonly args: readonly string[];
  /** Its words on --version: objects of another version are not linked with its own. */
  readonly version: string;
}

interface Program {
  readonly name: string;
  readonly folder: string;
  readonly sources: readonly string[];
  /** Where headers are looked for that are not beside what includes them. */
  readonly headers: readonly string[];
}

interface Unit {
  readonly source: string;
  /** Named for what it is made from, so one that exists is up to date. */
  readonly object: string;
  readonly flags: readonly string[];
}

export type Build =
  | { readonly kind: "built"; readonly program: string }
  | { readonly kind: "missing"; readonly what: string }
  /** The compiler's own words. */
  | { readonly kind: "faulty"; readonly words: string };

/** The path of the program, undefined where there is no compiler; throws with its words when it finds faults. */
export function buildMini(): string | undefined {
  const build = buildCamera("release");
  if (build.kind === "faulty") throw new Error(build.words);
  return build.kind === "built" ? build.program : undefined;
}

export function buildCamera(flavour: Flavour): Build {
  const folder = join(BUILD, flavour);
  const name = "skyfeeder-camera";
  return buildProgram({ name, folder, sources: cameraSources(), headers: [] }, flavour);
}

/** A program of a test, of its own source and of some that the board runs, which are paths within mini/. */
export function buildDriver(source: string, tested: readonly string[]): Build {
  const name = basename(source, extname(source));
  const sources = [source, ...tested.map((path) => join(MINI, path))];
  const headers = [dirname(source)];
  return buildProgram({ name, folder: join(BUILD, name), sources, headers }, "checked");
}

/** The object files of what the board runs too, for a look at what they need. */
export function miniCoreObjects(): readonly string[] {
  const compiler = findCompiler();
  if (buildMini() === undefined || compiler === undefined) return [];
  return planUnits(compiler, cameraSources(), join(BUILD, "release"), FLAVOUR_FLAGS.release, [])
    .filter(({ source }) => source.startsWith(join(MINI, "src")))
    .map(({ object }) => object);
}

/** What the compiler says of src/ in another C++, as the board's package has one; nothing when it is content. */
export function complaintsAboutCore(standard: string): string {
  const compiler = findCompiler();
  if (compiler === undefined) return NO_COMPILER;
  const sources = cameraSources().filter((path) => path.startsWith(join(MINI, "src")));
  const cxx = sources.filter((path) => extname(path) === ".cpp");
  return run(compiler, [`-std=${standard}`, ...WARNINGS, "-fsyntax-only", ...cxx]);
}

function buildProgram(program: Program, flavour: Flavour): Build {
  const compiler = findCompiler();
  if (compiler === undefined) return { kind: "missing", what: NO_COMPILER };
  const { folder, name } = program;
  mkdirSync(folder, { recursive: true });
  const includes = program.headers.map((path) => `-I${path}`);
  const flags = [...FLAVOUR_FLAGS[flavour], ...includes];
  const units = planUnits(compiler, program.sources, folder, flags, program.headers);
  const objects = units.map(({ object }) => object);
  const linked = join(folder, `${digest(objects)}.linked`);
  const path = join(folder, name);
  if (existsSync(linked) && existsSync(path)) return { kind: "built", program: path };
  const words = compile(compiler, units) || link(compiler, [...flags, ...objects], path);
  if (words !== "") {
    const isAble = flavour === "release" || canSanitize(compiler, folder);
    return isAble ? { kind: "faulty", words } : { kind: "missing", what: NO_SANITIZERS };
  }
  writeFileSync(linked, "");
  removeOthers(folder, [...objects, linked]);
  return { kind: "built", program: path };
}

function findCompiler(): Compiler | undefined {
  const given = process.env.CXX?.trim() ?? "";
  const candidates = given === "" ? ["g++", "c++", "clang++"] : [given];
  for (const candidate of candidates) {
    const [command = "", ...args] = candidate.split(/\s+/);
    const { status, stdout } = spawnSync(command, [...args, "--version"], { encoding: "utf8" });
    if (status === 0) return { command, args, version: stdout };
  }
  return undefined;
}

/** Whether it can make the smallest program at all. */
function canSanitize(compiler: Compiler, folder: string): boolean {
  const program = join(folder, `smallest.${process.pid}`);
  const args = [...FLAVOUR_FLAGS.checked, "-x", "c++", "-", "-o", program];
  const words = run(compiler, args, "int main() {}");
  rmSync(program, { force: true });
  return words === "";
}

function cameraSources(): readonly string[] {
  return FOLDERS.flatMap((folder) => filesOf(folder, /\.(c|cpp)$/));
}

function filesOf(folder: string, names: RegExp): readonly string[] {
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const wanted = found.filter((name) => names.test(name));
  return wanted.sort().map((name) => join(folder, name));
}

function planUnits(
  compiler: Compiler,
  sources: readonly string[],
  folder: string,
  flavour: readonly string[],
  headerFolders: readonly string[],
): readonly Unit[] {
  const { command, args, version } = compiler;
  const headers = [MINI, ...headerFolders].flatMap((path) => filesOf(path, /\.(h|hpp)$/));
  const headerTexts = headers.map(readText);
  return sources.map((source) => {
    const flags = [...flavour, ...(extname(source) === ".c" ? C_FLAGS : CXX_FLAGS)];
    const made = digest([command, ...args, version, ...flags, readText(source), ...headerTexts]);
    return { source, object: join(folder, `${basename(source)}-${made}.o`), flags };
  });
}

function readText(path: string): string {
  return readFileSync(path, "utf8");
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 16);
}

/** All at once, as many as there are processors: xargs is the one way to do so in a function that waits. */
function compile({ command, args }: Compiler, units: readonly Unit[]): string {
  const lines = units
    .filter(({ object }) => !existsSync(object))
    .map(({ source, object, flags }) => {
      const unfinished = `${object}.${process.pid}`;
      const words = [command, ...args, ...flags, "-c", source, "-o", unfinished];
      return `${words.map(quoted).join(" ")} && mv ${quoted(unfinished)} ${quoted(object)}`;
    });
  if (lines.length === 0) return "";
  const shell = ["-0", "-n", "1", "-P", String(availableParallelism()), "sh", "-c", 'eval "$0"'];
  return run({ command: "xargs", args: shell }, [], lines.join("\0"));
}

function link(compiler: Compiler, args: readonly string[], program: string): string {
  // Two tests may build at once: each puts a whole program in place.
  const unfinished = `${program}.${process.pid}`;
  const words = run(compiler, [...args, "-o", unfinished]);
  if (words === "") renameSync(unfinished, program);
  return words;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** What it says when it fails, nothing when it does not. */
function run(tool: Omit<Compiler, "version">, args: readonly string[], input = ""): string {
  const { command } = tool;
  const { status, stderr } = spawnSync(command, [...tool.args, ...args], {
    input,
    encoding: "utf8",
  });
  return status === 0 ? "" : stderr || `${command} failed\n`;
}

function removeOthers(folder: string, kept: readonly string[]): void {
  for (const path of filesOf(folder, /\.(o|linked)$/)) {
    if (!kept.includes(path)) rmSync(path, { force: true });
  }
}

function main(options: readonly string[]): number {
  const unknown = options.find((option) => !["--required", "--help", "-h"].includes(option));
  if (unknown !== undefined) {
    console.error(`mini:build: unknown option ${unknown}; ${USAGE}`);
    return 2;
  }
  if (options.includes("--help") || options.includes("-h")) {
    console.log(USAGE);
    return 0;
  }
  const startMs = performance.now();
  const build = buildCamera("release");
  if (build.kind === "faulty") {
    process.stderr.write(build.words);
    return 1;
  }
  if (build.kind === "missing") {
    console.log(`mini:build skipped: ${build.what}`);
    return options.includes("--required") ? 3 : 0;
  }
  console.log(`${build.program} ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
  return 0;
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2));
