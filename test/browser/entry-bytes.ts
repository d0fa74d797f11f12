import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { PAGE_FOLDER, PAGE_MANIFEST } from "../../cli/page-build.ts";

/** What a browser loads before it can show anything, compressed. */
export function entryBytes(): { readonly script: number; readonly style: number } {
  const manifest = JSON.parse(readFileSync(join(PAGE_FOLDER, PAGE_MANIFEST), "utf8"));
  const { file, css = [], imports = [] } = manifest["index.html"];
  const chunks: string[] = [file, ...imports.map((name: string) => manifest[name].file)];
  return { script: compressed(chunks), style: compressed(css) };
}

function compressed(files: readonly string[]): number {
  const sizes = files.map((file) => gzipSync(readFileSync(join(PAGE_FOLDER, file))).length);
  return sizes.reduce((sum, size) => sum + size, 0);
}
