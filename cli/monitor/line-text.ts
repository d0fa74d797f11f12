import { type InspectColor, styleText } from "node:util";
import type { LogLevel } from "./log-format.ts";
import type { MonitoredLine } from "./monitored-line.ts";

/** When a line came, and how long after the one before it. */
export interface LineTime {
  readonly atMs: number;
  readonly deltaMs: number;
}

/** `12:34:56.789   +0.120  W network: join failed`, in local time. */
export function lineText(line: MonitoredLine, { atMs, deltaMs }: LineTime): string {
  const delta = `+${(deltaMs / 1000).toFixed(3)}`.padStart(9);
  return `${timeOfDay(atMs)} ${delta}  ${plainLine(line)}`;
}

function plainLine({ kind, level, tag, text }: MonitoredLine): string {
  if (kind === "note") return `--- ${text}`;
  if (kind === "event") return `* ${tag} ${text}`;
  const letter = kind === "log" ? `${LETTERS[level ?? "info"]} ` : "";
  return tag === undefined || kind !== "log" ? letter + text : `${letter}${tag}: ${text}`;
}

function timeOfDay(atMs: number): string {
  const time = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const seconds = `${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, "0")}`;
  return `${two(time.getHours())}:${two(time.getMinutes())}:${seconds}`;
}

const LETTERS: Readonly<Record<LogLevel, string>> = {
  error: "E",
  warn: "W",
  info: "I",
  debug: "D",
  verbose: "V",
};

/** One value of JSON, as a line of a stream. */
export function lineJson(line: MonitoredLine, { atMs, deltaMs }: LineTime): string {
  return JSON.stringify({ at: new Date(atMs).toISOString(), deltaMs, ...line });
}

/** Colours where the terminal takes them and $NO_COLOR does not forbid it. */
export function coloured({ kind, level }: MonitoredLine, text: string): string {
  const colour = colourOf(kind, level);
  return colour === undefined ? text : styleText(colour, text, { stream: process.stdout });
}

function colourOf(
  kind: MonitoredLine["kind"],
  level: LogLevel | undefined,
): InspectColor | undefined {
  if (kind === "note") return "cyan";
  if (kind === "panic" || kind === "exception" || level === "error") return "red";
  if (kind === "reset" || level === "warn") return "yellow";
  return level === "debug" || level === "verbose" || kind === "improv" ? "gray" : undefined;
}
