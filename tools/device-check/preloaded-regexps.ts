import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Regular expressions that are in flash because a preloaded module has them outside of its functions. Each use of one
 * leaks, and breaks the heap when a collection comes meanwhile: fxAllocateRegExpData of SDK 8.2.3 hands memory from malloc
 * to the collector. One that a function makes when it runs is all right.
 */
export function preloadedRegexpFaults(folder: string): string[] {
  const linked = readFileSync(join(folder, "mc.xs.c"), "utf8");
  const found = linked.matchAll(/\.key = \{ "((?:[^"\\]|\\.)*)", 0x0 \} \}\},\n.*XS_REGEXP_KIND/g);
  const sources = [...found].map((match) => match[1] ?? "");
  return sources.map((source) => `preloaded, but SDK 8.2.3 cannot execute it safely: /${source}/`);
}
