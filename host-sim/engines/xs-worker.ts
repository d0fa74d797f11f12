import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openFifos } from "./fifos.ts";
import { type DeathKind, FirmwareDeath } from "./firmware-death.ts";
import { NetstringPipe } from "./netstring-pipe.ts";

/** Made by tools/xs-build.ts. */
export const XS_WORKER = join(import.meta.dirname, "../../.build/xs/xsnap-worker");

/** xsnap-worker.c */
const DEATHS: Readonly<Record<number, DeathKind>> = {
  11: "memory",
  12: "stack",
  15: "unhandled",
  16: "keys",
  17: "computation",
};

const KIND = { query: 0x3f, done: 0x2e, failed: 0x21 } as const;
/** Between what the worker measured and what the command answered. */
const METER_END = 1;

/** How often an exit status is looked for: the pipe is closed a moment before the process is over. */
const LOOKS = 200;

/** Answers what the machine asks in the middle of a command; throws when nobody will. */
type Answer = (question: Uint8Array<ArrayBuffer>) => Uint8Array;

/** What the worker tells with each answer. */
export interface Meter {
  /** Slots in use, garbage among them. */
  readonly currentHeapCount: number;
  /** Bytecodes of this command. */
  readonly compute: number;
  /** Bytes of all slots, chunks and stack that the machine ever took. */
  readonly allocate: number;
}

/** One XS machine in a process of its own; each command is over when this returns. */
export class XsWorker {
  readonly #process: ChildProcess;
  readonly #pipe: NetstringPipe;
  readonly #close: () => void;
  readonly #answer: Answer;
  #meter: Buffer = Buffer.alloc(0);
  #isAlive = true;

  constructor(args: readonly string[], answer: Answer) {
    const { ours, theirs } = openFifos();
    this.#answer = answer;
    this.#pipe = new NetstringPipe(ours.read, ours.write);
    this.#process = spawn(XS_WORKER, args, {
      stdio: ["ignore", "ignore", "ignore", theirs.read, theirs.write],
    });
    // From here on the worker alone holds its ends: when either process is gone, however it went, the other reads an end
    // of file, and the worker ends with it.
    closeSync(theirs.read);
    closeSync(theirs.write);
    this.#close = () => {
      closeSync(ours.read);
      closeSync(ours.write);
    };
    this.#process.unref();
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  evaluate(source: string): void {
    this.#run("e", Buffer.from(source));
  }

  /** Calls handleCommand of the machine, then runs what its promises wait for. */
  command(message: Uint8Array): void {
    this.#run("?", message);
  }

  /** Collects garbage and writes what is left to a file. */
  writeSnapshot(path: string): void {
    this.#run("w", Buffer.from(path));
  }

  /** Of the last command. */
  meter(): Meter {
    return JSON.parse(this.#meter.toString("latin1")) as Meter;
  }

  kill(): void {
    if (!this.#isAlive) return;
    this.#process.kill("SIGKILL");
    this.#bury();
  }

  #run(kind: string, body: Uint8Array): void {
    this.#write(kind, body);
    for (;;) {
      const message = this.#pipe.read();
      if (message === undefined) throw this.#died();
      const content = message.subarray(1);
      if (message[0] === KIND.failed) throw new Error(content.toString());
      if (message[0] === KIND.done) {
        // What it answers is the meter alone: the port has calls for everything else.
        this.#meter = Buffer.from(content.subarray(0, content.indexOf(METER_END)));
        return;
      }
      const answer = this.#answer(new Uint8Array(content));
      if (!this.#isAlive) throw new FirmwareDeath("lost");
      this.#write("/", answer);
    }
  }

  #write(kind: string, body: Uint8Array): void {
    try {
      this.#pipe.write(kind, body);
    } catch {
      throw this.#died();
    }
  }

  #died(): FirmwareDeath {
    const code = this.#exitCode();
    this.#bury();
    return new FirmwareDeath(DEATHS[code ?? 0] ?? "lost");
  }

  /** Node hears of it in a later turn of its loop; until then the process is a zombie, whose status Linux shows. */
  #exitCode(): number | undefined {
    const { pid, exitCode } = this.#process;
    if (exitCode !== null || pid === undefined) return exitCode ?? undefined;
    for (let look = 0; look < LOOKS; look++) {
      const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
        .split(") ")
        .pop()
        ?.trim()
        .split(" ");
      if (fields?.[0] === "Z") return Number(fields.at(-1)) >> 8;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
    return undefined;
  }

  #bury(): void {
    this.#isAlive = false;
    this.#close();
  }
}
