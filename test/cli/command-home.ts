import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { vi } from "vitest";
import { runCommandLine } from "../../cli/command-line.ts";
import { ROOT } from "../tidy/source-tree.ts";
import type { Ended } from "./running-command.ts";

/** The command on a computer of its own: its log-ins are in this folder, and nobody's environment shows through. */
export class CommandHome {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get credentials(): string {
    return join(this.#folder, "skyfeeder", "credentials.json");
  }

  /** In this process: another would take a second to start. */
  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    for (const [name, value] of Object.entries({ ...this.#environment(), ...env })) {
      vi.stubEnv(name, value);
    }
    let [stdout, stderr] = ["", ""];
    const out = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      stdout += text;
      return true;
    });
    const err = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      stderr += text;
      return true;
    });
    try {
      await runCommandLine(["node", "skyfeeder", ...args]);
      return { code: Number(process.exitCode ?? 0), stdout, stderr };
    } finally {
      for (const spy of [out, err]) spy.mockRestore();
      vi.unstubAllEnvs();
      process.exitCode = 0;
    }
  }

  /** In a process of its own, whose standard input is this. */
  async runWithInput(args: readonly string[], input: string): Promise<Ended> {
    const { PATH = "" } = process.env;
    const child = spawn(process.execPath, ["cli/skyfeeder.js", ...args], {
      cwd: ROOT,
      env: { PATH, ...this.#environment() },
      stdio: "pipe",
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    // A command that reads no input may be gone before it is written.
    child.stdin.on("error", () => undefined).end(input);
    const [code] = await once(child, "close");
    return { code, stdout, stderr };
  }

  #environment(): Readonly<Record<string, string>> {
    const folder = this.#folder;
    const { SKYFEEDER_CONFIG = "" } = process.env;
    return { HOME: folder, XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder, SKYFEEDER_CONFIG };
  }
}
