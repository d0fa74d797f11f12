import { createWriteStream, type WriteStream } from "node:fs";
import { EXIT } from "../failure.ts";
import { done, failed, type Outcome } from "../outcome.ts";

/** What is shown, as text, behind what the file had. */
export class LogFile {
  /** Called once, when the file takes no more: a full disk ends the log, not the monitor. */
  lost: (why: string) => void = () => {};
  readonly #stream: WriteStream;
  #isLost = false;

  private constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  static async open(path: string): Promise<Outcome<LogFile>> {
    const stream = createWriteStream(path, { flags: "a" });
    const error = await new Promise<Error | undefined>((resolve) => {
      stream.once("open", () => resolve(undefined));
      stream.once("error", resolve);
    });
    if (error !== undefined) {
      const hint = "name a file in a folder that you may write to";
      return failed("log_file", `cannot write ${path}: ${error.message}`, hint, EXIT.failed);
    }
    const file = new LogFile(stream);
    stream.removeAllListeners("error");
    stream.on("error", ({ message }) => {
      if (!file.#isLost) file.lost(`${path}: ${message}; the log file ends here`);
      file.#isLost = true;
    });
    return done(file);
  }

  write(line: string): void {
    if (!this.#isLost) this.#stream.write(`${line}\n`);
  }

  close(): Promise<void> {
    if (this.#isLost) return Promise.resolve();
    return new Promise((resolve) => {
      this.#stream.once("close", resolve);
      this.#stream.end();
    });
  }
}
