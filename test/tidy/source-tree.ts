import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix, resolve } from "node:path";
import { parseSync, Visitor } from "oxc-parser";

export const ROOT = resolve(import.meta.dirname, "../..");

export interface SourceFile {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  /** Every module it imports: paths from the root, or "package:" and the bare name. */
  readonly imports: readonly string[];
  /** Those of them that exist at run time. */
  readonly valueImports: readonly string[];
  readonly functionLines: readonly number[];
  readonly tryBlocks: number;
  /** `Date.now`, `setTimeout`, `Math.random` ... as they are used, outside types and comments. */
  readonly uses: ReadonlySet<string>;
  readonly reexports: boolean;
}

/** What git tracks or would: the tree as it is committed. */
export function listFiles(): string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const listed = execFileSync("git", args, { cwd: ROOT, encoding: "utf8" });
  return [...new Set(listed.split("\n"))].filter((path) => path && existsSync(join(ROOT, path)));
}

export function readSources(): SourceFile[] {
  return listFiles()
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts"))
    .map(readSource);
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), "utf8");
  const { program, module } = parseSync(path, text);
  const specifiers = module.staticImports.map(({ moduleRequest }) => moduleRequest.value);
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest } of entries)
      if (moduleRequest) specifiers.push(moduleRequest.value);
  }
  const seen = inspect(program, text);
  const values = module.staticImports.filter(
    ({ entries }) => entries.length === 0 || entries.some(({ isType }) => !isType),
  );
  return {
    path,
    text,
    lines: text.split("\n").length - 1,
    imports: specifiers.map((specifier) => fromRoot(path, specifier)),
    valueImports: values.map(({ moduleRequest }) => fromRoot(path, moduleRequest.value)),
    reexports: module.staticExports.some(({ entries }) =>
      entries.some(
        ({ importName }) => importName.kind === "AllButDefault" || importName.kind === "All",
      ),
    ),
    ...seen,
  };
}

function fromRoot(path: string, specifier: string): string {
  return specifier.startsWith(".") ? posix.join(dirname(path), specifier) : `package:${specifier}`;
}

function inspect(program: Parameters<Visitor["visit"]>[0], text: string) {
  const functionLines: number[] = [];
  const uses = new Set<string>();
  let tryBlocks = 0;
  const measure = ({ start, end }: { start: number; end: number }): void => {
    functionLines.push(text.slice(start, end).split("\n").length);
  };
  new Visitor({
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
    TryStatement: () => {
      tryBlocks++;
    },
    Identifier: ({ name }) => {
      uses.add(name);
    },
    MemberExpression: ({ object, property }) => {
      if (object.type === "Identifier" && property.type === "Identifier") {
        uses.add(`${object.name}.${property.name}`);
      }
    },
  }).visit(program);
  return { functionLines, uses, tryBlocks };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
