import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { createToolRunner } from "../../tools/device-check/sdk.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** Builds the app for Linux with these settings baked in, and what runs it; answers the command. */
export function buildApp(
  sdk: string,
  scratch: string,
  settings: Readonly<Record<string, string>>,
): readonly [string, string] {
  const run = createToolRunner(ROOT, sdk, scratch);
  const must = (command: readonly string[]): void => {
    const failure = run(command);
    if (failure !== "") throw new Error(failure);
  };
  const manifest = join(import.meta.dirname, "manifest.json");
  const baked = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  must(["mcconfig", "-m", "-p", "lin", "-t", "build", "-o", scratch, manifest, ...baked]);

  const launch = join(scratch, "launch");
  const glib = execFileSync("pkg-config", ["--cflags", "--libs", "gio-2.0"], { encoding: "utf8" });
  const screen = join(sdk, "build", "simulators", "modules");
  const flags = ["-std=gnu11", "-Wall", "-Wextra", "-DmxLinux=1", "-I", screen];
  const source = join(import.meta.dirname, "launch.c");
  must(["cc", ...flags, source, "-o", launch, ...glib.trim().split(/\s+/)]);
  return [launch, join(scratch, "bin", "lin", "mc", "release", "xs-update", "mc.so")];
}
