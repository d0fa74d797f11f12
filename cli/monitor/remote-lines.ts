import { isRecord } from "../../protocol/json.ts";
import { REMOTE_LOG_LEVELS } from "../../protocol/log-messages.ts";
import type { Fields } from "../server/call.ts";
import { type MonitoredLine, note } from "./monitored-line.ts";
import { safeText } from "./safe-text.ts";

const LINES_MAX = 100;
const TEXT_MAX = 1_000;

/** What a message of a room is for who follows the feeder: the lines of its log, or an event. */
export function remoteLines({ type, payload }: Fields): readonly MonitoredLine[] {
  if (typeof type !== "string" || !isRecord(payload)) return [];
  if (type === "event.log") return logLines(payload);
  if (!type.startsWith("event.")) return [];
  const text = safeText(JSON.stringify(payload)).slice(0, TEXT_MAX);
  return [{ kind: "event", tag: safeText(type.slice("event.".length)), text }];
}

function logLines({ lines, dropped }: Fields): readonly MonitoredLine[] {
  const read = Array.isArray(lines) ? lines.slice(0, LINES_MAX).flatMap(logLine) : [];
  const isCut = typeof dropped === "number" && dropped > 0;
  return isCut ? [...read, note(`${dropped} lines left out by the feeder`)] : read;
}

function logLine(line: unknown): readonly MonitoredLine[] {
  if (!isRecord(line) || typeof line.text !== "string" || typeof line.tag !== "string") return [];
  const level = REMOTE_LOG_LEVELS.find((known) => known === line.level) ?? "info";
  const text = safeText(line.text).slice(0, TEXT_MAX);
  return [{ kind: "log", level, tag: safeText(line.tag).slice(0, TEXT_MAX), text }];
}
