import type { BoundedPattern } from "./bounded-pattern.ts";
import { isAtLeast, type LogLevel } from "./log-format.ts";
import type { LineKind, MonitoredLine } from "./monitored-line.ts";

export interface LineFilter {
  readonly level: LogLevel | undefined;
  /** Any of them; empty: all. */
  readonly tags: readonly string[];
  readonly pattern: BoundedPattern | undefined;
}

/** Shown whatever is filtered: who looks for one thing must still see the board end. */
const ALWAYS: ReadonlySet<LineKind> = new Set(["reset", "panic", "note"]);

export function passes(filter: LineFilter, line: MonitoredLine): boolean | "too slow" {
  const { level, tags, pattern } = filter;
  if (ALWAYS.has(line.kind)) return true;
  // What says nothing of its level is as good as information.
  if (level !== undefined && !isAtLeast(line.level ?? "info", level)) return false;
  if (tags.length > 0 && !tags.includes(line.tag ?? "")) return false;
  return pattern === undefined || pattern.matches(line.text);
}
