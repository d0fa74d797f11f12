import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { EXIT } from "../failure.ts";
import { done, failed, type Outcome } from "../outcome.ts";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** The SDK's tools for each machine that builds. */
const TOOLS = { linux: "lin", darwin: "mac", win32: "win" } as Readonly<Record<string, string>>;
const HINT = "docs/moddable.md says how the SDK is installed; then open a new shell";

/**
 * Builds the firmware for a board with the Moddable SDK that `MODDABLE` names; answers the folder with its parts.
 * What the tools say goes to standard error, and not a word of `config`: it is on their command line all the same.
 */
export async function buildWithMcconfig(
  config: Readonly<Record<string, string>>,
  out: string,
): Promise<Outcome<string>> {
  const sdk = process.env.MODDABLE ?? "";
  const tools = join(sdk, "build", "bin", TOOLS[process.platform] ?? process.platform, "release");
  if (!existsSync(tools)) {
    return failed("sdk_missing", `there is no ${tools}`, HINT, EXIT.missing);
  }
  if (!process.env.IDF_PATH) {
    return failed(
      "idf_missing",
      "IDF_PATH is not set: ESP-IDF links the image",
      HINT,
      EXIT.missing,
    );
  }
  const values = Object.entries(config).map(([key, value]) => `${key}=${value}`);
  const build = spawn("mcconfig", ["-m", "-p", "esp32", "-t", "build", "-o", out, ...values], {
    cwd: ROOT,
    // What is built goes to standard output elsewhere: here that is for the release's own words.
    stdio: ["ignore", process.stderr, process.stderr],
    env: {
      ...process.env,
      PATH: [join(ROOT, "node_modules", ".bin"), tools, process.env.PATH].join(delimiter),
    },
  });
  const ended = await once(build, "exit").then(
    ([code, signal]: unknown[]) => code ?? signal,
    (error: NodeJS.ErrnoException) => error.code,
  );
  if (ended === 0) return done(join(out, "bin", "esp32", "release", basename(ROOT)));
  const hint = "look at what it said above; npm run device:check names the step";
  return failed("build_failed", `mcconfig ended with ${ended}`, hint, EXIT.failed);
}
