/**
 * The tests with real services: starts each from Debian's packages in a folder of its own, runs what needs one, and stops
 * them again, however that ended. Installing what is missing takes root.
 *
 *   npm run test:services
 *
 * Exit codes: 0 all passed, 1 a test failed, 3 a service could not be had.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { SERVICES, scriptPath } from "./services.ts";

/** Besides the contract of the adapters: what is to hold with any of them. */
const TESTS = [
  "test/server-min/contract",
  "test/server-min/kill.test.ts",
  "test/flows/real-sockets.test.ts",
];
const EXIT_MISSING = 3;

const folder = mkdtempSync(join(tmpdir(), "skyfeeder-services-"));
// A service that does not run as root enters its own folder in it.
chmodSync(folder, 0o755);
const started: string[] = [];
const urls: Record<string, string> = {};

let vitest: ChildProcess | undefined;

// Whoever ends this ends the tests; what was started is still to be stopped.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => vitest?.kill());
try {
  process.exitCode = (await startAll()) ? await runTests() : EXIT_MISSING;
} finally {
  for (const script of started) await run(script, "stop", join(folder, script));
  rmSync(folder, { recursive: true });
}

async function startAll(): Promise<boolean> {
  for (const { name, script, variable } of SERVICES) {
    const dir = join(folder, script);
    const isThere = (await run(script, "install")).code === 0;
    // Also when it failed: half a start leaves something to stop.
    if (isThere) started.push(script);
    const { code, output } = isThere
      ? await run(script, "start", dir, String(await freePort()))
      : { code: 1, output: "" };
    const url = output.trim().split("\n").at(-1);
    if (code !== 0 || url === undefined || url === "") {
      process.stderr.write(`error: ${name} cannot be had (test/services/${script})\n`);
      return false;
    }
    urls[variable] = url;
  }
  return true;
}

async function runTests(): Promise<number> {
  vitest = spawn("vitest", ["run", ...TESTS], {
    stdio: "inherit",
    env: { ...process.env, ...urls },
  });
  const [code] = await once(vitest, "exit");
  return code ?? 1;
}

async function run(script: string, ...args: readonly string[]) {
  const child = spawn(scriptPath(script), args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, "close");
  return { code, output };
}
