import type { InstrumentReadings } from "./instruments.ts";
import type { LogLevel } from "./log-format.ts";

export type LineKind =
  /** What the board printed: with a level and a tag, or without. */
  | "log"
  | "text"
  | "reset"
  | "panic"
  | "exception"
  | "improv"
  | "instruments"
  | "debugger"
  | "frame"
  /** Of a remote feeder, beside its log. */
  | "event"
  /** Base64 of a core dump: for the log file alone. */
  | "dump"
  /** What this command says itself. */
  | "note";

/** One line as it is shown: safe for a terminal, and no longer than limits allow. */
export interface MonitoredLine {
  readonly kind: LineKind;
  readonly text: string;
  readonly level?: LogLevel;
  readonly tag?: string;
  /** Code addresses of a panic, the innermost first. */
  readonly addresses?: readonly string[];
  readonly readings?: InstrumentReadings;
}

export function note(text: string): MonitoredLine {
  return { kind: "note", text };
}
