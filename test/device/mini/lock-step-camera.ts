/** The camera's process in lock step: one record in, its answers out (posix/record_stream.hpp). */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { buildMini } from "../../../tools/mini-build.ts";

export const IN = { boot: 1, bytes: 2, tick: 3, room: 4, sent: 5, upload: 6, join: 7 } as const;
export const UPLOAD = { stored: 1, refused: 2, closed: 3 } as const;
export const JOIN = { joined: 1, failed: 2 } as const;

interface Took {
  readonly kind: "took";
  readonly media: "still" | "clip";
  readonly size: number;
  readonly sha256: string;
}

interface UploadOrder {
  readonly kind: "upload";
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

interface Network {
  readonly kind: "join" | "store";
  readonly ssid: string;
  readonly passphrase: string;
}

export type CameraRecord =
  | { readonly kind: "wire"; readonly bytes: Buffer }
  | { readonly kind: "rate"; readonly bitsPerSecond: number }
  | Took
  | UploadOrder
  | Network
  | { readonly kind: "sleep" };

export interface Answer {
  readonly records: readonly CameraRecord[];
  readonly wakeMicros: bigint;
}

const END = 72;
export const NEVER = 0xffff_ffff_ffff_ffffn;

/** Builds before any test's time runs. Never true in CI, where the compiler's absence is a fault. */
export function missingCompiler(): boolean {
  return buildMini("checked") === undefined && process.env.CI === undefined;
}

/** Built with the sanitizers: an access out of bounds ends the process, and the test with it. */
export function checkedCamera(): string {
  const program = buildMini("checked");
  if (program === undefined) throw new Error("no C++ compiler (g++, c++, clang++ or $CXX)");
  return program;
}

export function texts(...parts: readonly string[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(2);
      length.writeUInt16LE(Buffer.byteLength(part));
      return [length, Buffer.from(part)];
    }),
  );
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

  async exchange(kind: number, nowMicros: bigint, fields: Buffer = Buffer.alloc(0)) {
    this.#process.stdin?.write(record(kind, nowMicros, fields));
    const records: CameraRecord[] = [];
    for (;;) {
      const bytes = await this.#nextRecord();
      const body = bytes.subarray(1);
      if (bytes[0] === END) return { records, wakeMicros: body.readBigUInt64LE() };
      records.push(parseRecord(bytes.readUInt8(0), body));
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

function record(kind: number, nowMicros: bigint, fields: Buffer): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32LE(9 + fields.length);
  head.writeUInt8(kind, 4);
  head.writeBigUInt64LE(nowMicros, 5);
  return Buffer.concat([head, fields]);
}

function parseRecord(kind: number, body: Buffer): CameraRecord {
  switch (kind) {
    case 65:
      return { kind: "wire", bytes: Buffer.from(body) };
    case 66:
      return { kind: "rate", bitsPerSecond: body.readUInt32LE() };
    case 67:
      return {
        kind: "took",
        media: body[0] === 0 ? "still" : "clip",
        size: body.readUInt32LE(1),
        sha256: body.toString("hex", 5),
      };
    case 68:
      return parseUpload(body);
    case 69:
    case 70: {
      const [ssid = "", passphrase = ""] = takeTexts(body, 2).taken;
      return { kind: kind === 69 ? "join" : "store", ssid, passphrase };
    }
    case 71:
      return { kind: "sleep" };
    default:
      throw new Error(`record of kind ${kind}`);
  }
}

function parseUpload(body: Buffer): UploadOrder {
  const url = takeTexts(body, 1);
  const count = url.rest.readUInt8();
  const words = takeTexts(url.rest.subarray(1), 2 * count);
  const headers = Array.from(
    { length: count },
    (_, index) => [words.taken[2 * index] ?? "", words.taken[2 * index + 1] ?? ""] as const,
  );
  return { kind: "upload", url: url.taken[0] ?? "", headers, body: words.rest.subarray(4) };
}

function takeTexts(bytes: Buffer, count: number): { taken: string[]; rest: Buffer } {
  const taken: string[] = [];
  let rest = bytes;
  for (let index = 0; index < count; index++) {
    const end = 2 + rest.readUInt16LE();
    taken.push(rest.toString("utf8", 2, end));
    rest = rest.subarray(end);
  }
  return { taken, rest };
}
