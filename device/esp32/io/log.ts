import type { Log, LogFeed } from "../ports.ts";

/** The serial log; one more may read along. */
export class TraceLog implements Log, LogFeed {
  #reader: Log | undefined;

  write(...line: Parameters<Log["write"]>): void {
    const [level, tag, text] = line;
    trace(`${level} ${tag}: ${text}\n`);
    this.#reader?.write(...line);
  }

  readBy(reader: Log): void {
    this.#reader = reader;
  }
}
