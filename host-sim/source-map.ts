import inspector from "node:inspector";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** By the bundle that they are of: an image holds no map, so that it is the same whoever looks. */
const kept = new Map<string, string>();

/** A map costs time, and nobody needs it who has no debugger and no mapped stack traces (--enable-source-maps). */
export function wantsSourceMaps(): boolean {
  return inspector.url() !== undefined || process.sourceMapsEnabled;
}

/** `map` names its sources from the root of the tree. */
export function keepSourceMap(javascript: string, map: string): void {
  const { sources, ...rest } = JSON.parse(map) as { readonly sources: readonly string[] };
  const files = sources.map((source) => pathToFileURL(join(ROOT, source)).href);
  const text = JSON.stringify({ ...rest, sources: files });
  kept.set(javascript, `data:application/json;base64,${Buffer.from(text).toString("base64")}`);
}

/** The bundle as an engine evaluates it for whoever debugs it. */
export function withSourceMap(javascript: string): string {
  const url = kept.get(javascript);
  return url === undefined ? javascript : `${javascript}\n//# sourceMappingURL=${url}`;
}
