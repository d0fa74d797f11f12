export const LOG_LEVELS = ["error", "warn", "info", "debug", "verbose"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

interface LogEntry {
  readonly level: LogLevel;
  readonly tag: string;
  readonly text: string;
}

/** Of the firmware's own log, device/esp32/io/log.ts: `info session: online`. */
const OURS = /^(info|warn|error) ([\w-]{1,32}): (.*)$/;
/** ESP-IDF's: `W (1234) wifi: text`, or with a time of day. */
const ESP_IDF = /^([EWIDV]) \([\d:.]{1,16}\) ([^:]{1,48}): ?(.*)$/;
const LETTERS: Readonly<Record<string, LogLevel>> = {
  E: "error",
  W: "warn",
  I: "info",
  D: "debug",
  V: "verbose",
};

export function parseLogEntry(line: string): LogEntry | undefined {
  const [, word, ourTag = "", ourText = ""] = OURS.exec(line) ?? [];
  if (word === "info" || word === "warn" || word === "error") {
    return { level: word, tag: ourTag, text: ourText };
  }
  const [, letter = "", tag = "", text = ""] = ESP_IDF.exec(line) ?? [];
  const level = LETTERS[letter];
  return level === undefined ? undefined : { level, tag, text };
}

/** As bad as `level`, or worse. */
export function isAtLeast(level: LogLevel, wanted: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(wanted);
}
