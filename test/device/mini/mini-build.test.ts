import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { type Build, buildDriver } from "../../../tools/mini-build.ts";
import { describeCamera } from "./lock-step-camera.ts";

const TOOL = join(import.meta.dirname, "..", "..", "..", "tools", "mini-build.ts");

function ran(options: readonly string[], CXX: string | undefined) {
  const env = { ...process.env, ...(CXX === undefined ? {} : { CXX }) };
  const args = [TOOL, ...options];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
  return { status, stdout, stderr };
}

/** A compiler that does as the script says. */
function compilerOf(script: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "skyfeeder-cxx-")), "cxx");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

test.each([
  [[], 0],
  [["--required"], 3],
])("without a compiler %j says so and exits with %i", (options, status) => {
  const stdout = "mini:build skipped: no C++ compiler (g++, c++, clang++ or $CXX)\n";
  expect(ran(options, "no-such-compiler")).toEqual({ status, stdout, stderr: "" });
});

test("refuses an option it does not know, in one line", () => {
  const stderr =
    "mini:build: unknown option --require; usage: npm run mini:build [-- --required]\n";
  expect(ran(["--require"], undefined)).toEqual({ status: 2, stdout: "", stderr });
});

test.each(["--help", "-h"])("explains itself on %s", (option) => {
  const stdout = "usage: npm run mini:build [-- --required]\n";
  expect(ran([option], "no-such-compiler")).toEqual({ status: 0, stdout, stderr: "" });
});

test("says what the compiler says, and nothing of its own", () => {
  const cxx = compilerOf('[ "$1" = --version ] && exit 0\necho "a fault in line 7" >&2; exit 1');
  const { status, stdout, stderr } = ran([], cxx);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(new Set(stderr.trim().split("\n"))).toEqual(new Set(["a fault in line 7"]));
});

function withCompiler<T>(cxx: string, work: () => T): T {
  vi.stubEnv("CXX", cxx);
  try {
    return work();
  } finally {
    vi.unstubAllEnvs();
  }
}

/** Not the camera's own program, which other tests may be running. */
const seven = join(mkdtempSync(join(tmpdir(), "skyfeeder-seven-")), "exit-with-seven.cpp");
writeFileSync(seven, "int main() { return SEVEN; }\n");
const DEFINED = "g++ -DSEVEN=7";

function programOf(build: Build): string {
  if (build.kind !== "built") throw new Error(build.kind);
  return build.program;
}

test("knows a compiler without sanitizers from faulty sources", () => {
  const noSanitizers = compilerOf(
    '[ "$1" = --version ] && exit 0\ncase "$*" in *-fsanitize*) exit 1; esac; exit 0',
  );
  const build = withCompiler(noSanitizers, () => buildDriver(seven, []));
  const what = "the C++ compiler has no address and undefined-behaviour sanitizers";
  expect(build).toEqual({ kind: "missing", what });
});

describeCamera("with a compiler", () => {
  test("gives it the arguments in CXX", () => {
    const program = programOf(withCompiler(DEFINED, () => buildDriver(seven, [])));
    expect(spawnSync(program).status).toBe(7);
    expect(withCompiler("", () => buildDriver(seven, []))).toMatchObject({
      kind: "faulty",
      words: expect.stringContaining("SEVEN"),
    });
  });

  test("builds again what was deleted, and what another version has built", () => {
    const program = programOf(withCompiler(DEFINED, () => buildDriver(seven, [])));
    rmSync(program);
    withCompiler(DEFINED, () => buildDriver(seven, []));
    expect(spawnSync(program).status).toBe(7);
    const newer = compilerOf(
      '[ "$1" = --version ] && { cat "$0.version"; exit; }\nexec g++ -DSEVEN=$(cat "$0.version") "$@"',
    );
    for (const version of [8, 9]) {
      writeFileSync(`${newer}.version`, String(version));
      withCompiler(newer, () => buildDriver(seven, []));
      expect(spawnSync(program).status).toBe(version);
    }
  });
});
