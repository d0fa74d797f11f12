import { instrumentRows } from "./instruments.ts";
import { type LineFilter, passes } from "./line-filter.ts";
import { coloured, type LineTime, lineJson, lineText } from "./line-text.ts";
import { LiveTable } from "./live-table.ts";
import type { LogFile } from "./log-file.ts";
import { type MonitoredLine, note } from "./monitored-line.ts";

/** What may wait for a slow reader of the output; a pager that nobody touches reads nothing. */
const WAITING_BYTES_MAX = 8 * 1024 * 1024;

export interface OutputOptions {
  readonly filter: LineFilter;
  readonly asJson: boolean;
  readonly log: LogFile | undefined;
  /** The pattern of the filter cannot be used. */
  readonly tooSlow: () => void;
}

/** Lines to where they are wanted: standard output, as text or JSON, and a file. */
export class MonitorOutput {
  readonly #options: OutputOptions;
  readonly #table = new LiveTable((text) => process.stdout.write(text));
  #lastMs: number | undefined;
  #leftOut = 0;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  show(line: MonitoredLine): void {
    const { filter, log } = this.#options;
    const passed = passes(filter, line);
    if (passed === "too slow") return this.#options.tooSlow();
    if (!passed) return;
    const time = this.#takeTime();
    log?.write(line.kind === "dump" ? line.text : lineText(line, time));
    if (line.kind !== "dump") this.#print(line, time);
  }

  /** What this command does, for people: talk, and no data. */
  say(text: string): void {
    const time = this.#takeTime();
    const said = lineText(note(text), time);
    this.#options.log?.write(said);
    if (this.#isTerminal) this.#table.printAbove(coloured(note(text), said));
    else process.stderr.write(`${text}\n`);
  }

  #print(line: MonitoredLine, time: LineTime): void {
    if (process.stdout.writableLength > WAITING_BYTES_MAX) {
      this.#leftOut++;
      return;
    }
    if (this.#leftOut > 0)
      this.#write(note(`${this.#leftOut} lines left out: who reads this is slow`), time);
    this.#leftOut = 0;
    this.#write(line, time);
  }

  #write(line: MonitoredLine, time: LineTime): void {
    if (this.#options.asJson) process.stdout.write(`${lineJson(line, time)}\n`);
    else if (!this.#isTerminal) process.stdout.write(`${lineText(line, time)}\n`);
    else if (line.readings === undefined) {
      this.#table.printAbove(coloured(line, lineText(line, time)));
    } else this.#table.replace(instrumentRows(line.readings));
  }

  get #isTerminal(): boolean {
    return process.stdout.isTTY && !this.#options.asJson;
  }

  #takeTime(): LineTime {
    const atMs = Date.now();
    const deltaMs = atMs - (this.#lastMs ?? atMs);
    this.#lastMs = atMs;
    return { atMs, deltaMs };
  }
}
