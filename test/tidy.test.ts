import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { LAYERS } from "./tidy/layers.ts";
import { listFiles, median, ROOT, readSources, type SourceFile } from "./tidy/source-tree.ts";

const sources = readSources();
const files = listFiles();
const product = sources.filter(({ path }) => !/^(test|bench)\//.test(path));

/** The paths that break a rule; an empty list is the only good answer. */
function offenders(rule: (source: SourceFile) => boolean, among = sources): string[] {
  return among.filter(rule).map(({ path }) => path);
}

describe("sizes", () => {
  test("no file is longer than 300 lines, and the median is at most 100", () => {
    expect(offenders(({ lines }) => lines > 300)).toEqual([]);
    expect(median(product.map(({ lines }) => lines))).toBeLessThanOrEqual(100);
  });

  test("no function is longer than 60 lines, and the median is at most 12", () => {
    expect(
      offenders(({ functionLines }) => functionLines.some((lines) => lines > 60), product),
    ).toEqual([]);
    const all = product.flatMap(({ functionLines }) => functionLines);
    expect(median(all)).toBeLessThanOrEqual(12);
  });

  test("at most 1.5 try blocks in a thousand lines", () => {
    const lines = product.reduce((sum, source) => sum + source.lines, 0);
    const tries = product.reduce((sum, source) => sum + source.tryBlocks, 0);
    expect(tries / (lines / 1000)).toBeLessThanOrEqual(1.5);
  });
});

describe("imports", () => {
  test("go only along the arrows of the architecture", () => {
    const broken = sources.flatMap(({ path, imports }) => {
      const layer = LAYERS.find(({ from }) => from.test(path));
      if (layer === undefined) return [`${path} is in no layer`];
      return imports
        .filter((target) => !layer.may.some((allowed) => allowed.test(target)))
        .map((target) => `${path} -> ${target}`);
    });
    expect(broken).toEqual([]);
  });

  test("no barrels", () => {
    expect(
      offenders(({ path, reexports }) => reexports || /(^|\/)index\.tsx?$/.test(path)),
    ).toEqual([]);
  });

  test("the dashboard imports of protocol only types and the pure checks of ids and days", () => {
    const values = product
      .filter(({ path }) => path.startsWith("dashboard/"))
      .filter(({ text }) =>
        /^import (?!type\b)[^;]*from "[./]+protocol\/(?!(ids|day-index)\.ts)/m.test(text),
      );
    expect(values.map(({ path }) => path)).toEqual([]);
  });
});

describe("names", () => {
  test("no file is named for nothing", () => {
    const banned = /(^|[/.-])(utils?|helpers?|common|misc|managers?)([/.-]|$)/i;
    expect(files.filter((path) => banned.test(path))).toEqual([]);
  });
});

describe("time and chance are arguments", () => {
  const CLOCKS = ["Date.now", "Math.random", "performance.now", "setTimeout", "setInterval"];
  /** The adapters that turn a port into the machine's own time, and the world that makes it. */
  const ROOTS =
    /^(device\/esp32\/io\/|server-min\/(node|machine\/[\w-]+)\.ts|host-sim\/world\.ts|cli\/|tools\/|bench\/|dashboard\/browser-time\.ts)/;

  test("machine clocks, timers and dice appear only in roots and adapters", () => {
    const uses = ({ uses }: SourceFile) => CLOCKS.some((clock) => uses.has(clock));
    expect(offenders((source) => !ROOTS.test(source.path) && uses(source), product)).toEqual([]);
  });

  test("tests never sleep", () => {
    const tests = sources.filter(({ path }) => /^test\/.*\.test\.tsx?$/.test(path));
    expect(
      offenders(({ uses }) => uses.has("setTimeout") || uses.has("setInterval"), tests),
    ).toEqual([]);
  });

  test("what runs in virtual time stays off the thread pool", () => {
    const pooled = /^package:(node:(fs\/promises|timers)|jose$)/;
    const allowed = /^server-min\/(node\.ts|machine\/)|^host-sim\/(firmware|source-patches)\.ts/;
    const virtual = product.filter(
      ({ path }) => /^(server-min|host-sim)\//.test(path) && !allowed.test(path),
    );
    const usesPool = ({ imports, uses }: SourceFile) =>
      imports.some((target) => pooled.test(target)) || uses.has("subtle");
    expect(offenders(usesPool, virtual)).toEqual([]);
  });
});

describe("the manifest", () => {
  const manifest = readJson<{
    modules: Record<string, unknown>;
    preload: readonly string[];
    config: { firmwareVersion: string };
  }>("manifest.json");
  const firmware = sources.filter(({ path }) =>
    /^(protocol|device\/(esp32|amb82-bridge\/link))\//.test(path),
  );

  test("module names mirror the folders", () => {
    const mirrored = Object.entries(manifest.modules).filter(([name]) =>
      /^(protocol|device)\//.test(name),
    );
    expect(mirrored.filter(([name, path]) => path !== `./${name}`)).toEqual([]);
    const named = new Set(mirrored.map(([name]) => name.replace(/\/\*$/, "")));
    expect(offenders(({ path }) => !named.has(dirname(path)), firmware)).toEqual([]);
  });

  test("preloads every module of the firmware but its root: the rest would take RAM for code", () => {
    const preloaded = new Set(manifest.preload);
    const bundled = reachableFrom("main.ts").filter((path) => !/(^|esp32\/)main\.ts$/.test(path));
    expect(bundled.filter((path) => !preloaded.has(path.replace(/\.ts$/, "")))).toEqual([]);
  });

  test("keeps no regular expression in flash: XS leaks and then crashes on those (docs/moddable.md)", () => {
    const preloaded = /^(export )?const \w+ =\s+(\/(?![/*])|new RegExp)/m;
    expect(offenders(({ text }) => preloaded.test(text), firmware)).toEqual([]);
  });

  test("has no #method, which XS copies into every instance (docs/decisions/0032)", () => {
    const privateMethod = /^\s+((static|async|get|set) )*#\w+(<[^(]*>)?\(/m;
    expect(offenders(({ text }) => privateMethod.test(text), firmware)).toEqual([]);
  });

  test("names the version of package.json", () => {
    const { version } = readJson<{ version: string }>("package.json");
    expect(manifest.config.firmwareVersion).toBe(version);
  });
});

function readJson<Shape>(path: string): Shape {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8")) as Shape;
}

/** The modules that really run: imports of types alone are not followed. */
function reachableFrom(entry: string): string[] {
  const found = new Set([entry]);
  for (const path of found) {
    const source = sources.find((candidate) => candidate.path === path);
    for (const target of source?.valueImports ?? []) {
      if (sources.some((candidate) => candidate.path === target)) found.add(target);
    }
  }
  return [...found];
}

/** In Markdown and in the HTML that Markdown may hold. */
const LINKS = [/\]\(([^)#\s]+)[^)]*\)/g, /(?:src|srcset|href)="([^"#]+)"/g];

test("links in the documents lead somewhere", () => {
  const dead = files
    .filter((path) => path.endsWith(".md"))
    .flatMap((path) => {
      const text = readFileSync(join(ROOT, path), "utf8");
      const found = LINKS.flatMap((link) => [...text.matchAll(link)]);
      const targets = found.map(([, target]) => String(target));
      return targets
        .filter((target) => !/^https?:/.test(target))
        .filter((target) => !existsSync(join(ROOT, dirname(path), target)))
        .map((target) => `${path} -> ${target}`);
    });
  expect(dead).toEqual([]);
});

test("nothing exported is unused, and no dependency is", () => {
  const knip = join(ROOT, "node_modules/.bin/knip");
  const report = () =>
    execFileSync(knip, ["--no-progress", "--no-config-hints"], { cwd: ROOT, encoding: "utf8" });
  expect(report).not.toThrow();
}, 60_000);
