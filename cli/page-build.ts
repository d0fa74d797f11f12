import { execFileSync } from "node:child_process";
import { existsSync, globSync, renameSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");
const SOURCES = [
  "dashboard/*.{ts,tsx,css,html}",
  "dashboard/public/*",
  "protocol/*.ts",
  "vite.config.ts",
  "package-lock.json",
];

export const PAGE_FOLDER = join(ROOT, "dashboard/dist");
/** Vite's list of what it wrote, relative to the page's folder. */
export const PAGE_MANIFEST = ".vite/manifest.json";

/** True when there is no page, or one older than what it is made of. */
export function isPageStale(): boolean {
  const built = join(PAGE_FOLDER, PAGE_MANIFEST);
  const changedMs = Math.max(...globSync(SOURCES, { cwd: ROOT }).map(modifiedMs));
  return !existsSync(built) || statSync(built).mtimeMs < changedMs;
}

export function buildPage(): void {
  const vite = join(ROOT, "node_modules/vite/bin/vite.js");
  const fresh = join(ROOT, `node_modules/.cache/page-${process.pid}`);
  // A process of its own: a test runner's NODE_ENV would make it a development build.
  const env = { ...process.env, NODE_ENV: "production" };
  const args = [vite, "build", "--logLevel", "error", "--outDir", fresh];
  execFileSync(process.execPath, args, { cwd: ROOT, env, stdio: ["ignore", "ignore", "inherit"] });
  // Renamed into place: whoever serves the page meanwhile finds a whole one.
  rmSync(PAGE_FOLDER, { recursive: true, force: true });
  renameSync(fresh, PAGE_FOLDER);
}

function modifiedMs(file: string): number {
  return statSync(join(ROOT, file)).mtimeMs;
}
