import type { Outcome } from "../outcome.ts";
import { BoardReader } from "./board-reader.ts";
import { BoardWatch } from "./board-watch.ts";
import type { ElfFile } from "./elf-file.ts";
import { Explanations } from "./explanations.ts";
import { FrameReader } from "./frame-reader.ts";
import type { MonitorOutput } from "./monitor-output.ts";
import { type MonitoredLine, note } from "./monitored-line.ts";

/** A line whose rest stays out so long is shown as it is. */
const IDLE_MS = 300;

export interface BoardPort {
  readonly path: string;
  readonly baud: number;
  readonly isFrames: boolean;
  readonly elf: ElfFile | undefined;
}

/** A board at a serial port, from its bytes to the output. */
export class FollowedBoard {
  readonly #watch: BoardWatch;
  readonly #explanations: Explanations;
  readonly #console: BoardReader;
  #idle: NodeJS.Timeout | undefined;

  constructor({ path, baud, isFrames, elf }: BoardPort, output: MonitorOutput) {
    this.#explanations = new Explanations(elf, (text) => output.show(note(text)));
    const show = (line: MonitoredLine) => {
      output.show(line);
      this.#explanations.explain(line);
    };
    const setRate = (bitsPerSecond: number) => this.#watch.setBaudRate(bitsPerSecond);
    const frames = isFrames ? new FrameReader(Date.now, show, setRate) : undefined;
    this.#console = new BoardReader(Date.now, show);
    this.#watch = new BoardWatch(path, baud, {
      hear: (bytes) => (frames === undefined ? this.#hear(bytes) : frames.push(bytes)),
      say: (text) => output.say(text),
    });
  }

  run(): Promise<Outcome<void>> {
    return this.#watch.run();
  }

  async reset(): Promise<void> {
    await this.#watch.reset();
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#watch.close();
    this.#console.flush();
    await this.#explanations.end();
  }

  #hear(bytes: Uint8Array): void {
    clearTimeout(this.#idle);
    this.#console.push(bytes);
    this.#idle = setTimeout(() => this.#console.flush(), IDLE_MS);
  }
}
