import type { Log, LogFeed, LogLevel } from "../ports.ts";

/** The serial log; one more may read along. */
export class TraceLog implements Log, LogFeed {
  #reader: Log | undefined;

  write(level: LogLevel, tag: string, text: string): void {
    trace(`${level} ${tag}: ${text}\n`);
    this.#reader?.write(level, tag, text);
  }

  readBy(reader: Log): void {
    this.#reader = reader;
  }
}
