import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { ROOT } from "../tidy/source-tree.ts";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command as a person runs it: a process group of its own, so that Ctrl-C reaches all of it. */
export class RunningCommand {
  readonly #process: ChildProcess;
  readonly #ended: Promise<Ended>;
  readonly #firstLine: Promise<string>;
  #stdout = "";
  #stderr = "";
  #answeredTo = 0;
  #look: () => void = () => {};

  constructor(
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) {
    const folder = mkdtempSync(join(tmpdir(), "skyfeeder-nobody-"));
    const child = spawn(command, args, {
      ...{ cwd: ROOT, detached: true, stdio: "pipe" },
      // What one remembers is no matter of the next one.
      env: { ...process.env, XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder, ...env },
    });
    this.#process = child;
    child.stdout.on("data", (chunk) => {
      this.#stdout += chunk;
      this.#look();
    });
    child.stderr.on("data", (chunk) => {
      this.#stderr += chunk;
      this.#look();
    });
    this.#ended = once(child, "close").then(([code]) => {
      rmSync(folder, { recursive: true, force: true });
      return { code, stdout: this.#stdout, stderr: this.#stderr };
    });
    const lines = createInterface({ input: child.stdout });
    const isOutput = (line: string) => line !== "" && !line.startsWith(">");
    this.#firstLine = new Promise((resolve, reject) => {
      lines.on("line", (line) => isOutput(line) && resolve(line));
      void this.#ended.then((end) => reject(new Error(`ended: ${end.stdout}${end.stderr}`)));
    });
    // A command that is only waited for to its end has no use for it.
    this.#firstLine.catch(() => undefined);
  }

  /** The first line of its own on standard output; npm's are those with a `>`. */
  firstLine(): Promise<string> {
    return this.#firstLine;
  }

  /** Resolves when it has printed what matches, on either output. */
  printed(pattern: RegExp): Promise<void> {
    return this.#saw(pattern, () => pattern.test(this.#stdout) || pattern.test(this.#stderr));
  }

  /** Types this when it asks that, in whatever colours, since the last answer. */
  async answer(question: RegExp, text: string): Promise<void> {
    const asked = () => stripVTControlCharacters(this.#stdout.slice(this.#answeredTo));
    await this.#saw(question, () => question.test(asked()));
    this.#answeredTo = this.#stdout.length;
    this.type(text);
  }

  #saw(pattern: RegExp, isThere: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#look = () => {
        if (isThere()) resolve();
      };
      this.#look();
      const missing = (end: Ended) =>
        reject(new Error(`no ${pattern}: ${end.stdout}${end.stderr}`));
      void this.#ended.then(missing);
    });
  }

  /** Ctrl-C on its terminal; answers how it ended and after how long. */
  async interrupt(): Promise<Ended & { readonly tookMs: number }> {
    const askedMs = performance.now();
    process.kill(-Number(this.#process.pid), "SIGINT");
    const end = await this.#ended;
    return { ...end, tookMs: performance.now() - askedMs };
  }

  /** As typed; on a pipe, unless what runs makes a terminal of it. */
  type(text: string): void {
    this.#process.stdin?.write(text);
  }

  /** As a supervisor sends it: to the command alone, and not to what it started. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  end(): Promise<Ended> {
    return this.#ended;
  }
}

/** util-linux's, which gives a command a terminal; other systems have another of this name. */
const SCRIPT = "/usr/bin/script";
export const hasTerminals = process.platform === "linux" && existsSync(SCRIPT);

/** In a terminal of a usual size, which says what a shell would of its end. */
export function onTerminal(command: string, env: Readonly<Record<string, string>> = {}) {
  const sized = `stty cols 100 rows 40; ${command}`;
  return new RunningCommand(SCRIPT, ["-qec", sized, "/dev/null"], env);
}

export function skyfeeder(...args: string[]): Promise<Ended> {
  return new RunningCommand(process.execPath, ["cli/skyfeeder.js", ...args]).end();
}
