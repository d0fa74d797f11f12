import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";

export type Sdk =
  | { readonly kind: "found"; readonly folder: string }
  | { readonly kind: "missing"; readonly reason: { message: string; hint: string } };

const HINT =
  "Install it with `npm install --global xs-dev && xs-dev setup`, or see docs/moddable.md, then open a new shell.";

/** The SDK's Linux tools: only there does `-p lin` build, and this check runs both. */
const TOOLS = join("build", "bin", "lin", "release");

export function findSdk(environment: NodeJS.ProcessEnv): Sdk {
  const folder = environment.MODDABLE;
  if (!folder) return missing("MODDABLE is not set: device:check needs the Moddable SDK.");
  const mcconfig = join(folder, TOOLS, "mcconfig");
  if (!existsSync(mcconfig)) {
    return missing(`No ${mcconfig}: MODDABLE is not a Moddable SDK whose Linux tools were built.`);
  }
  return { kind: "found", folder };
}

function missing(message: string): Sdk {
  return { kind: "missing", reason: { message, hint: HINT } };
}

/** Runs a tool in the repository; answers its output when it fails, and nothing when it does not. */
export type ToolRunner = (command: readonly string[]) => string;

/** Building all of XS for Linux takes 20 s on two idle cores. */
const TOOL_TIMEOUT_MS = 600_000;

export function createToolRunner(root: string, sdk: string, scratch: string): ToolRunner {
  const bin = [join(root, "node_modules", ".bin"), join(sdk, TOOLS)];
  const env = {
    ...process.env,
    MODDABLE: sdk,
    IDF_PATH: pretendIdf(scratch),
    PATH: [...bin, process.env.PATH].join(delimiter),
  };
  return (command) => {
    const [tool = "", ...args] = command;
    const done = spawnSync(tool, args, {
      cwd: root,
      env,
      encoding: "utf8",
      timeout: TOOL_TIMEOUT_MS,
    });
    if (done.status === 0) return "";
    const why = done.error
      ? String(done.error)
      : `${tool} ended with ${done.status ?? done.signal}`;
    return `${withoutProgress(done.stdout)}${done.stderr ?? ""}${why}`;
  };
}

/** mcconfig asks git which ESP-IDF this is, and the makefile nothing more before the C compiler. */
function pretendIdf(scratch: string): string {
  const folder = join(scratch, "esp-idf");
  mkdirSync(folder);
  const identity = ["-c", "user.name=nobody", "-c", "user.email=nobody@localhost"];
  spawnSync("git", ["init", "--quiet", folder]);
  spawnSync("git", ["-C", folder, ...identity, "commit", "--quiet", "--allow-empty", "-m", "none"]);
  spawnSync("git", ["-C", folder, "tag", "v6.0"]);
  return folder;
}

function withoutProgress(output: string | null): string {
  const lines = (output ?? "")
    .split("\n")
    .filter((line) => line !== "" && !/^# \w+ \S+$/.test(line));
  return lines.map((line) => `${line}\n`).join("");
}
