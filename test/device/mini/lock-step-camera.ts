/** The camera's process in lock step: one record in, its answers out (posix/record_stream.hpp). */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { describe } from "vitest";
import { type OutputRecord, parseOutput } from "../../../host-sim/peers/lock-step-records.ts";
import { buildCamera } from "../../../tools/mini-build.ts";

export const UPLOAD = { stored: 1, refused: 2, closed: 3 } as const;
export const JOIN = { joined: 1, failed: 2 } as const;

export type CameraRecord = Exclude<OutputRecord, { kind: "end" }>;

interface Answer {
  readonly records: readonly CameraRecord[];
  /** Infinity: nothing is due. */
  readonly wakeMs: number;
}

/**
 * Tests of the compiled camera, left out where it cannot be built; in CI that is a fault. The build comes before any
 * test's time runs.
 */
export function describeCamera(title: string, tests: () => void): void {
  const build = buildCamera("checked");
  const isLeftOut = build.kind === "missing" && process.env.CI === undefined;
  if (isLeftOut) describe.skip(`${title} (skipped: ${build.what})`, tests);
  else describe(title, tests);
}

/** Built with the sanitizers: an access out of bounds ends the process, and the test with it. */
export function checkedCamera(): string {
  const build = buildCamera("checked");
  if (build.kind === "built") return build.program;
  throw new Error(build.kind === "missing" ? build.what : build.words);
}

export class LockStepCamera {
  readonly #process: ChildProcess;
  readonly #exit: Promise<unknown[]>;
  #received = Buffer.alloc(0);
  #errors = "";
  #wake: () => void = () => {};

  constructor(folder: string) {
    this.#process = spawn(checkedCamera(), ["--lock-step", folder]);
    this.#exit = once(this.#process, "exit");
    this.#process.stdin?.on("error", () => {});
    this.#process.stdout?.on("data", (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#wake();
    });
    this.#process.stderr?.on("data", (bytes: Buffer) => {
      this.#errors += bytes.toString();
    });
    this.#process.on("exit", () => this.#wake());
  }

  async exchange(input: Uint8Array): Promise<Answer> {
    this.#process.stdin?.write(input);
    const records: CameraRecord[] = [];
    for (;;) {
      const output = parseOutput(await this.#nextRecord());
      if (output.kind === "end") return { records, wakeMs: output.wakeMs };
      records.push(output);
    }
  }

  /** The exit status, after the end of its input and these last bytes. */
  async end(lastBytes: Buffer = Buffer.alloc(0)): Promise<{ status: unknown; errors: string }> {
    this.#process.stdin?.end(lastBytes);
    const [status] = await this.#exit;
    return { status, errors: this.#errors };
  }

  async #nextRecord(): Promise<Buffer> {
    for (;;) {
      const lengthBytes = this.#received.length < 4 ? undefined : this.#received.readUInt32LE();
      if (lengthBytes !== undefined && this.#received.length >= 4 + lengthBytes) {
        const bytes = this.#received.subarray(4, 4 + lengthBytes);
        this.#received = this.#received.subarray(4 + lengthBytes);
        return bytes;
      }
      if (this.#process.exitCode !== null) throw new Error(`the camera ended: ${this.#errors}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }
}
