import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** A change to one source file, as text that must be there exactly once. */
export interface SourcePatch {
  /** From the root of the tree. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Bundles sources with something in them changed: what a test plants, without a switch in what it tests. */
export function plantPatches(patches: readonly SourcePatch[]): Plugin {
  return {
    name: "source-patches",
    setup(bundler) {
      if (patches.length === 0) return;
      bundler.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const planted = patches.filter(({ file }) => path === join(ROOT, file));
        if (planted.length === 0) return undefined;
        const contents = planted.reduce(plant, await readFile(path, "utf8"));
        return { contents, loader: "ts" };
      });
    },
  };
}

function plant(text: string, { file, find, replace }: SourcePatch): string {
  const matches = text.split(find).length - 1;
  if (matches !== 1) throw new Error(`${file} has ${matches} times: ${find}`);
  return text.replace(find, () => replace);
}
