import { type MonitoredLine, note } from "./monitored-line.ts";

const START = /CORE DUMP START/;
const END = /CORE DUMP END/;
const BASE64 = /^[A-Za-z0-9+/=]{1,128}$/;
/** The largest that an ESP32's RAM makes, in base64. */
const LINES_MAX = 16_384;

/** Folds a core dump, hundreds of lines of base64, into one note. */
export class CoreDumpFold {
  /** Undefined outside of a dump. */
  #lines: number | undefined;
  #characters = 0;

  /** Undefined for a line that has nothing to do with one. */
  fold(text: string): readonly MonitoredLine[] | undefined {
    if (START.test(text)) {
      this.#lines = 0;
      this.#characters = 0;
      return [dumpLine(text), note("a core dump follows; its base64 goes to --log FILE alone")];
    }
    if (this.#lines === undefined) return undefined;
    if (END.test(text)) {
      this.#lines = undefined;
      const bytes = Math.floor((this.#characters * 3) / 4);
      const said = `core dump of about ${bytes} bytes; the log file's base64 is for: espcoredump.py info_corefile`;
      return [dumpLine(text), note(said)];
    }
    this.#lines++;
    this.#characters += text.length;
    if (BASE64.test(text) && this.#lines < LINES_MAX) return [dumpLine(text)];
    this.#lines = undefined;
    return undefined;
  }
}

function dumpLine(text: string): MonitoredLine {
  return { kind: "dump", text };
}
