import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readManifest } from "./manifest.ts";

/**
 * Host functions that xsl linked but no compiled source mentions. That is what ESP-IDF's linker would say first: a
 * manifest that maps a module's JavaScript without its C passes everything before it.
 */
export function linkedNativeFaults(folder: string): string[] {
  const linked = readFileSync(join(folder, "mc.xs.c"), "utf8");
  const wanted = new Set(
    [...linked.matchAll(/\{ (?:\(xsCallback\))?(_?xs_\w+), -?\d+, \d+ \}/g)].map(
      (match) => match[1] ?? "",
    ),
  );
  if (wanted.size === 0)
    return ["mc.xs.c declares no host functions: its format is not the one of SDK 8.2.3"];
  const makefile = readFileSync(join(folder, "makefile"), "utf8");
  const sources = [...makefile.matchAll(/^\$\(TMP_DIR\)\/\S+\.c\.o: (\/\S+\.c)\b/gm)].map(
    (match) => match[1] ?? "",
  );
  const words = new Set(
    sources.flatMap((source) => withIncluded(source).match(/\b_?xs_\w+/g) ?? []),
  );
  return [...wanted].filter((name) => !words.has(name)).map((name) => `no C source has ${name}`);
}

/** The SDK's SPI for ESP32 is a file that includes the one for ESP8266. */
function withIncluded(source: string): string {
  const code = readFileSync(source, "utf8");
  const included = [...code.matchAll(/^#include "(\S+\.c)"/gm)].map((match) => match[1] ?? "");
  return [code, ...included.map((path) => withIncluded(join(dirname(source), path)))].join("\n");
}

/** `-p lin` makes a shared library, which links with functions missing and fails when it is loaded. */
export function unresolvedFaults(root: string, library: string): string[] {
  const nm = spawnSync("nm", ["--dynamic", "--undefined-only", library], { encoding: "utf8" });
  if (nm.status !== 0) return [`nm ${library}: ${nm.stderr}`];
  const ours = Object.keys(readManifest(root).ffi.functions);
  const undefinedNames = nm.stdout.split("\n").map((line) => line.trim().split(/\s+/).at(-1) ?? "");
  const faults = undefinedNames.filter((name) => name.startsWith("xs_") || ours.includes(name));
  return faults.map((name) => `undefined in mc.so: ${name}`);
}
