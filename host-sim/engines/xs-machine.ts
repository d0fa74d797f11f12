import { FirmwareDeath } from "./firmware-death.ts";
import type { EngineHost, PortValue, RunningFirmware } from "./guest-port.ts";
import { PortReader, PortWriter } from "./port-bytes.ts";
import { ANSWERED, BY_NAME, ENGINE_CALLS, filledArgument, THREW } from "./port-calls.ts";
import { type Meter, XsWorker } from "./xs-worker.ts";

/**
 * What one event may take, in bytecodes. Assumed: an ESP32 runs a million and more a second, and its watchdog waits 30 s.
 */
const COMPUTATION_MAX = 50_000_000;

const NOTHING = new Uint8Array(0);

/** Firmware in a worker of its own, from an image. */
export class XsMachine implements RunningFirmware {
  readonly #host: EngineHost;
  readonly #names: readonly string[];
  readonly #worker: XsWorker;
  readonly #events = new PortWriter();
  readonly #answers = new PortWriter();
  readonly #questions = new PortReader();

  constructor(snapshot: string, host: EngineHost) {
    this.#host = host;
    this.#names = [...ENGINE_CALLS, ...host.operations];
    const args = ["-l", String(COMPUTATION_MAX), "-r", snapshot];
    this.#worker = new XsWorker(args, (question) => this.#answer(question));
  }

  /** Throws what the firmware throws, and nothing of it is left then. */
  start(): void {
    try {
      this.#run(NOTHING);
    } catch (error) {
      this.end();
      throw error;
    }
  }

  readonly dispatch = (target: number, event: string, args: readonly PortValue[]): void => {
    const writer = this.#events;
    writer.begin();
    writer.value(target);
    writer.value(event);
    writer.byte(args.length);
    for (const value of args) writer.value(value);
    this.#run(writer.message());
  };

  get isAlive(): boolean {
    return this.#worker.isAlive;
  }

  /** Of the last event. */
  meter(): Meter {
    return this.#worker.meter();
  }

  /** Collects garbage, and writes what is alive to a file. */
  writeSnapshot(path: string): void {
    this.#worker.writeSnapshot(path);
  }

  readonly end = (): void => this.#worker.kill();

  #run(message: Uint8Array): void {
    if (this.#worker.isAlive) this.#worker.command(message);
  }

  #answer(question: Uint8Array<ArrayBuffer>): Uint8Array {
    const reader = this.#questions;
    reader.open(question);
    const number = reader.byte();
    const operation = number === BY_NAME ? String(reader.value()) : (this.#names[number] ?? "");
    const args = Array.from({ length: reader.byte() }, () => reader.value());
    const writer = this.#answers;
    writer.begin();
    try {
      this.#call(operation, args, writer);
    } catch (error) {
      if (error instanceof FirmwareDeath) {
        this.end();
        throw error;
      }
      writer.begin();
      writer.byte(THREW);
      writer.value(error instanceof Error ? error.message : String(error));
    }
    return writer.message();
  }

  #call(operation: string, args: PortValue[], writer: PortWriter): void {
    const filled = filledArgument(operation);
    const into = new Uint8Array(filled === undefined ? 0 : Number(args[filled.argument]));
    if (filled !== undefined) args[filled.argument] = into;
    const answer = this.#ask(operation, args);
    writer.byte(ANSWERED);
    writer.value(answer);
    if (filled !== undefined) writer.bytes(into.subarray(0, filled.filled(answer, into.length)));
  }

  #ask(operation: string, args: readonly PortValue[]): PortValue {
    const [wallClock, random, rejected] = ENGINE_CALLS;
    if (operation === wallClock) return this.#host.wallClockMs();
    if (operation === random) return this.#host.random();
    if (operation === rejected) throw new FirmwareDeath("unhandled", String(args[0]));
    return this.#host.call(operation, args);
  }
}
