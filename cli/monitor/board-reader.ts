import { type BootLoopState, NO_STARTS, noticeLine, noticeReset } from "./boot-loop.ts";
import { CoreDumpFold } from "./core-dump.ts";
import { improvText } from "./improv-packet.ts";
import {
  type InstrumentReadings,
  instrumentText,
  parseInstrumentNames,
  parseInstruments,
} from "./instruments.ts";
import { LINE_BYTES_MAX, LineSplitter, type Piece } from "./line-splitter.ts";
import { parseLogEntry } from "./log-format.ts";
import { type MonitoredLine, note } from "./monitored-line.ts";
import { parsePanicLine } from "./panic-text.ts";
import { parseReset } from "./reset-text.ts";
import { safeText } from "./safe-text.ts";
import { XsbugStream } from "./xsbug-stream.ts";

/** `    at name (file:line:column)`, as engines print where something was thrown. */
const STACK_FRAME = /^ +at [^ ].*:\d+\)?$/;
const THROWN = /^(\S{1,200}:\d+: |# )(exception|error|warning): /i;

/** What comes from UART0, understood: any bytes are good, and it keeps a line or two of them. */
export class BoardReader {
  readonly #splitter: LineSplitter;
  readonly #dump = new CoreDumpFold();
  readonly #xsbug = new XsbugStream();
  readonly #nowMs: () => number;
  readonly #show: (line: MonitoredLine) => void;
  #boots: BootLoopState = NO_STARTS;
  #instrumentNames: readonly string[] = [];
  /** Traced by a debug build, and not ended yet. */
  #traced = "";

  constructor(nowMs: () => number, show: (line: MonitoredLine) => void) {
    this.#nowMs = nowMs;
    this.#show = show;
    this.#splitter = new LineSplitter((piece) => this.#take(piece));
  }

  push(bytes: Uint8Array): void {
    this.#splitter.push(bytes);
  }

  /** Shows what has come of a line whose rest stays out. */
  flush(): void {
    this.#splitter.flush();
    if (this.#traced !== "") this.#trace("\n");
  }

  #take(piece: Piece): void {
    if (piece.kind === "improv") {
      return this.#show({ kind: "improv", tag: "improv", text: improvText(piece.packet) });
    }
    const { text, endsLine } = piece;
    if (this.#xsbug.accepts(text)) return this.#debug(endsLine ? `${text}\n` : text);
    this.#read(safeText(text));
  }

  #debug(text: string): void {
    for (const news of this.#xsbug.read(text)) {
      if (news.kind === "traced") this.#trace(news.text);
      else if (news.kind === "readings") this.#showReadings(news.readings);
      else this.#show({ ...news.line, text: safeText(news.line.text) });
    }
  }

  #trace(text: string): void {
    const lines = (this.#traced + text).split("\n");
    const last = lines.pop() ?? "";
    this.#traced = last.length < LINE_BYTES_MAX ? last : "";
    if (last.length >= LINE_BYTES_MAX) lines.push(last);
    for (const line of lines) this.#read(safeText(line));
  }

  #read(text: string): void {
    if (text === "") return;
    const folded = this.#dump.fold(text);
    if (folded !== undefined) return folded.forEach(this.#show);
    this.#boots = noticeLine(this.#boots, text);
    if (this.#readReset(text) || this.#readPanic(text) || this.#readInstruments(text)) return;
    if (STACK_FRAME.test(text) || THROWN.test(text)) {
      return this.#show({ kind: "exception", text });
    }
    const entry = parseLogEntry(text);
    this.#show(entry === undefined ? { kind: "text", text } : { kind: "log", ...entry });
  }

  #readReset(text: string): boolean {
    const reset = parseReset(text);
    if (reset === undefined) return false;
    this.#show({ kind: "reset", text });
    this.#show(note(`reset: ${reset.words}`));
    if (reset.isDownload) this.#show(note("it waits for a flasher; Ctrl-R starts the firmware"));
    const [boots, loop] = noticeReset(this.#boots, reset, this.#nowMs());
    this.#boots = boots;
    if (loop !== undefined) this.#show(note(loop));
    return true;
  }

  #readPanic(text: string): boolean {
    const panic = parsePanicLine(text);
    if (panic === undefined) return false;
    const { addresses, hint } = panic;
    this.#show({ kind: "panic", level: "error", text, ...(addresses.length > 0 && { addresses }) });
    if (hint !== undefined) this.#show(note(hint));
    return true;
  }

  #readInstruments(text: string): boolean {
    const names = parseInstrumentNames(text);
    if (names !== undefined) this.#instrumentNames = names;
    const readings = parseInstruments(text, this.#instrumentNames);
    if (readings !== undefined) this.#showReadings(readings);
    return names !== undefined || readings !== undefined;
  }

  #showReadings(readings: InstrumentReadings): void {
    const text = instrumentText(readings);
    this.#show({ kind: "instruments", tag: "instruments", text, readings });
  }
}
